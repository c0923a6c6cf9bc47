/** @file The methods that stand beside every completed panel. */

import { panelGeneMean, panelLibraryScaledMean } from './means.ts';
import type { PanelMethod } from './method.ts';
import { nearestReferenceCells } from './nearest.ts';
import { partialLeastSquares } from './partial-least-squares.ts';
import { ridgeOnComponents } from './ridge.ts';

/** The simplest first. */
export const panelMethods: readonly PanelMethod[] = [
  panelGeneMean,
  panelLibraryScaledMean,
  nearestReferenceCells(50),
  ridgeOnComponents(),
  partialLeastSquares(10),
];
