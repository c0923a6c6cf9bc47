/** @file Embeddings of incomplete cells, each from the genes that are seen. */

import type { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import type { Points } from '../../analysis/points.ts';
import { createEmbedder } from '../../model/embedder.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { embeddingOf, type ModelReading, promptOf } from './model-values.ts';

/** Cell embeddings as the model gives them, not of unit length; NaN for cells of which no gene with a token is seen. */
export async function cellEmbeddings(
  reading: ModelReading,
  expression: IncompleteExpression,
  { onProgress, signal }: RunControl = {},
): Promise<Points> {
  const { model, device } = reading;
  const embedder = await createEmbedder(device, model.config, model.parameters, { unitLength: false });
  const { cells } = expression;
  const dimensions = embedder.width;
  const values = new Float32Array(cells * dimensions).fill(Number.NaN);
  try {
    for (let cell = 0; cell < cells; cell++) {
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while embedding' });
      const prompt = promptOf(reading, expression, cell);
      if (prompt !== null) values.set(await embeddingOf(embedder, prompt.tokens), cell * dimensions);
      if (cell % 32 !== 31 && cell + 1 < cells) continue;
      onProgress?.({ stage: 'embedding', done: cell + 1, total: cells, unit: 'cells' });
      await breathe();
    }
  } finally {
    await embedder.dispose();
  }
  return { values, count: cells, dimensions };
}
