/** @file What programs may rely on: a change here is a change of the public API and belongs into the changelog. */

import { expect, it } from 'vitest';
import * as scgpt from '../../src/index.ts';

it('exports exactly this', () => {
  expect(Object.keys(scgpt).sort()).toMatchInlineSnapshot(`
    [
      "AnnData",
      "CancelledError",
      "CheckpointError",
      "DataFrame",
      "DeviceError",
      "GraphError",
      "InputError",
      "OutputError",
      "RecordingLogger",
      "ScgptError",
      "UsageError",
      "ValueBinner",
      "Vocabulary",
      "availableDevices",
      "blocksOf",
      "categorical",
      "columnStrings",
      "concatenate",
      "convertModel",
      "createEmbedder",
      "describeGeneMatch",
      "describeLoadReport",
      "diagnoseMatrix",
      "embed",
      "embedFiles",
      "geneMatchReport",
      "inspect",
      "isScgptError",
      "loadGeneTables",
      "loadOrthologues",
      "mapGenes",
      "mergeShards",
      "modelConfig",
      "openData",
      "openDevice",
      "openModel",
      "openModelFolder",
      "packageData",
      "prepareCells",
      "renderEmbedReport",
      "rowOf",
      "silent",
      "subsetObs",
      "version",
      "writeData",
      "writeModelFolder",
    ]
  `);
});
