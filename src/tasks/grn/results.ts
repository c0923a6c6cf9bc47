/** @file What gene programs add to the cells: scores in obsm, genes and settings in uns. */

import type { Additions } from '../../single-cell/additions.ts';
import type { Unstructured } from '../../single-cell/anndata.ts';
import { version } from '../../support/version.ts';
import type { FoundPrograms } from './programs.ts';

/** Elements that {@link FoundPrograms} add. */
export function programAdditions(
  { found, resolution }: FoundPrograms,
  genes: readonly string[],
  scores: Float32Array, // [cells, programs]
  cells: number,
  { model, source }: { readonly model: string; readonly source: string },
): Additions {
  const width = found.programs.length;
  const programs = new Map<string, Unstructured>(
    found.programs.map((program, i) => [
      `program ${i + 1}`,
      { kind: 'strings', shape: [program.length], values: Array.from(program, (gene) => genes[gene]) },
    ]),
  );
  const record = new Map<string, Unstructured>([
    ['version', version],
    ['model', model],
    ['source', source],
    ['resolution', resolution],
    ['programs', programs],
  ]);
  if (width === 0) return { uns: [['scgpt_programs', record]] };
  return {
    obsm: [['X_scgpt_programs', { kind: 'dense', dtype: 'float32', shape: [cells, width], values: scores }]],
    uns: [['scgpt_programs', record]],
  };
}
