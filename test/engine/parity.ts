/** @file Notes each comparison with the reference's numbers, for the parity report. */

import { appendFileSync } from 'node:fs';

/** One comparison: how far ours is, and how far the fixture lets it be. */
export interface Parity {
  readonly case: string;
  readonly kind: 'forward pass' | 'losses and gradients' | 'optimiser steps';
  readonly tensor: string;
  readonly distance: number;
  readonly tolerance: number;
}

/** Adds a line to the file that `npm run parity` asks for; does nothing in other runs. */
export function noteParity(comparison: Parity): void {
  const path = process.env.SCGPT_PARITY;
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(comparison)}\n`);
}
