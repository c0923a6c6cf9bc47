/** @file What is told of results that take the place of the input's. */

import { describe, expect, it } from 'vitest';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { tellReplaced } from '../../../src/tasks/output.ts';

const table = { kind: 'dense', dtype: 'float32', shape: [1, 1], values: Float32Array.of(1) } as const;
const data = new AnnData({
  obs: new DataFrame(['cell'], [['type', categorical(['B'])]]),
  var: new DataFrame(['gene']),
  obsm: [['X_scGPT', table]],
  uns: [['scgpt', 'earlier']],
});

describe('replaced elements', () => {
  it('are named with where they are', () => {
    const logger = new RecordingLogger();
    const additions = {
      obs: [
        ['type', categorical(['T'])],
        ['score', categorical(['T'])],
      ],
      obsm: [['X_scGPT', table]],
      varm: [['X_scGPT', table]],
      uns: new Map([['scgpt', 'now']]),
    } as const;
    tellReplaced(data, additions, logger);
    expect(logger.warnings).toEqual([
      "the output has this run's obs/type, obsm/X_scGPT, uns/scgpt in place of the input's",
    ]);
  });

  it('are not spoken of where there are none', () => {
    const logger = new RecordingLogger();
    tellReplaced(data, { obsm: [['X_umap', table]] }, logger);
    expect(logger.warnings).toEqual([]);
  });
});
