/** @file Both modalities with what joining them gave, as MuData; nothing that an input held is left out. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Additions } from '../../single-cell/additions.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { MuData, placesOf } from '../../single-cell/h5mu/mudata.ts';
import type { OpenModalities } from './inputs.ts';
import type { MultiomeResult } from './multiome.ts';
import { multiomeAdditions } from './results.ts';

/** What is added to the whole, for its cells in their order. */
export function additionsToWhole(
  { whole }: Pick<OpenModalities, 'whole'>,
  result: MultiomeResult,
  model: LoadedModel,
): Additions {
  const { names } = result.cells;
  const cells = whole === null ? Int32Array.from(names.keys()) : rowsAmong(names, whole.obs.index);
  return multiomeAdditions(result, model, cells);
}

/** An input h5mu with everything it held, or a new whole of the two modalities. */
export function asMuData(
  { rna, other, otherName, whole }: Pick<OpenModalities, 'rna' | 'other' | 'otherName' | 'whole'>,
  { cells }: MultiomeResult,
  { obs = [], obsm = [], obsp = [], uns = [] }: Additions,
): MuData {
  if (whole === null) {
    return new MuData({
      modalities: [
        ['rna', rna],
        [otherName, other],
      ],
      obs: new DataFrame(cells.names, obs),
      obsm,
      obsp,
      uns,
    });
  }
  return new MuData({
    modalities: [...whole.modalities].map(([name, modality]) => [
      name,
      name === otherName ? other : modality,
    ]),
    obs: new DataFrame(whole.obs.index, [...whole.obs.columns, ...obs], whole.obs.indexName),
    var: whole.var,
    obsm: [...whole.obsm, ...obsm],
    obsp: [...whole.obsp, ...obsp],
    uns: [...whole.uns, ...uns],
  });
}

/** The place of each cell among names, -1 for others. */
function rowsAmong(names: readonly string[], cells: readonly string[]): Int32Array {
  return placesOf(cells, names).map((place) => place - 1);
}
