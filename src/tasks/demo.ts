/** @file The main job on bundled cells: what a newcomer sees first. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeviceName } from '../runtime/device.ts';
import type { Logger } from '../support/log.ts';
import type { RunControl } from '../support/progress.ts';
import { writeFailure } from '../support/write-file.ts';
import { type EmbedSummary, embedFiles } from './embed/files.ts';

/** The bundled cells: three experiments on blood, see demo/README.md. */
export const demoCells = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));

/** Options of {@link runDemo}. */
export interface DemoOptions extends RunControl {
  /** The folder for the results; made where it is missing. */
  readonly output: string;
  /** Fail instead of replacing the results of an earlier demo. */
  readonly keep?: boolean | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly command?: string | undefined;
}

/** Embeds the bundled cells with the bundled model into an h5ad and an HTML report. */
export async function runDemo(options: DemoOptions): Promise<EmbedSummary> {
  const { output, keep = false, ...rest } = options;
  await mkdir(output, { recursive: true }).catch((cause) => {
    throw writeFailure(output, cause);
  });
  return embedFiles([demoCells], {
    ...rest,
    output: join(output, 'embedded.h5ad'),
    report: join(output, 'report.html'),
    colorBy: 'cell_type_broad',
    force: !keep,
  });
}
