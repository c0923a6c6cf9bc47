/** @file A reference of three cells and two label columns, one with a slash in its name and a cell without a label. */

import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import type { Calibration } from '../../../../src/tasks/map/calibration.ts';
import type { EmbeddedReference } from '../../../../src/tasks/map/reference.ts';

export const smallVocabulary = Vocabulary.fromTokens(['<pad>', '<cls>', '<eoc>', 'CD3D', 'MS4A1', 'LYZ']);

export const smallReference: EmbeddedReference = {
  names: ['a', 'b', 'c'],
  labels: [
    { name: 'type', groups: ['B', 'T'], codes: Int32Array.of(0, 1, 1) },
    { name: 'by/hand', groups: ['x'], codes: Int32Array.of(0, -1, 0) },
  ],
  points: { values: Float32Array.of(1, 0, 0, 1, 0.6, 0.8), count: 3, dimensions: 2 },
  rows: Int32Array.of(0, 1, 2),
  settings: { maxLength: 600, binning: 'left', seed: 0, precision: 'float32' },
  tokens: Int32Array.of(3, 5),
  record: new Map([['version', '0.0.0']]),
  seconds: 1,
};

export const someCalibration: Calibration = {
  cells: 3,
  accuracy: 1,
  score: 0.625,
  distance: 2,
  usualDistance: 0.5,
  keptRight: 0.96,
  rejectedWrong: Number.NaN,
};
