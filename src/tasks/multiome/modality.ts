/** @file A modality made ready: cells that have it, features the model reads, values and components of classical methods. */

import { baselineScale } from '../../analysis/baseline.ts';
import { prepareExpression } from '../../analysis/expression.ts';
import { centredLogRatio } from '../../analysis/multimodal/centred-log-ratio.ts';
import { chosenFeatures } from '../../analysis/multimodal/chosen-features.ts';
import { type ModalityKind, modalityComponents } from '../../analysis/multimodal/components.ts';
import { matrixOf } from '../../analysis/multimodal/dense-matrix.ts';
import { tfIdf } from '../../analysis/multimodal/latent-semantics.ts';
import { amongAll } from '../../analysis/multimodal/missing-rows.ts';
import type { Points } from '../../analysis/points.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { checkExpression, eachBlock } from '../../single-cell/preprocess/pass.ts';
import { selectCells, selectGenes } from '../../single-cell/preprocess/views.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import { peakLabels } from './peak-labels.ts';
import type { MultiomeSettings } from './settings.ts';

/** A modality of the cells that have it. */
export interface PreparedModality {
  readonly name: string;
  readonly kind: ModalityKind;
  /** Cells that have a value above zero. */
  readonly members: Int32Array; // [members]
  /** Values as given, of the features the model reads. */
  readonly given: CsrMatrix; // [members, features]
  readonly features: readonly string[];
  /** What components are of: log-normalised genes, log-ratios of proteins, TF-IDF of peaks. */
  readonly values: CsrMatrix; // [members, all or variable features]
  /** What its columns are called in reports. */
  readonly labels: readonly string[];
  /** Components of all cells; rows of NaN for those without the modality. */
  readonly points: Points; // [cells, components]
  /** What was done, in words. */
  readonly method: string;
}

/** A modality as sentences and tables call it. */
export const spokenName = (name: string): string =>
  /^(rna|atac|adt)$/.test(name) ? name.toUpperCase() : name;

/** RNA: the genes that vary most. */
export async function preparedRna(
  { matrix, diagnosis, genes: names }: PreparedCells,
  rows: Int32Array, // [cells]
  genes: number,
  { logger, ...control }: RunControl & { readonly logger: Logger },
): Promise<PreparedModality & { readonly columns: Int32Array }> {
  const present = await withValues(matrix, rows, 'RNA', logger, control);
  const some = selectCells(matrix, present.rows);
  const scale = baselineScale(diagnosis.kind);
  const expression = await prepareExpression(some, { scale, genes, ...control });
  return {
    name: 'rna',
    kind: 'genes',
    members: present.members,
    given: await inMemory(expression.given, control),
    features: Array.from(expression.genes, (gene) => names.index[gene]),
    values: expression.logged,
    labels: Array.from(expression.genes, (gene) => names.index[gene]),
    points: amongAll(
      await modalityComponents('genes', expression.logged, control),
      present.members,
      rows.length,
    ),
    method: expression.method,
    columns: expression.genes,
  };
}

/** Proteins or peaks. */
export async function preparedOther(
  data: AnnData,
  rows: Int32Array, // [cells]
  { name, kind }: { readonly name: string; readonly kind: 'proteins' | 'peaks' },
  settings: Pick<MultiomeSettings, 'features' | 'featureChoice'>,
  { logger, ...control }: RunControl & { readonly logger: Logger },
): Promise<PreparedModality> {
  const { X, source } = data;
  if (X === null) {
    throw new InputError({ what: 'there is no X', where: source ?? name, reason: 'matrix_missing' });
  }
  const present = await withValues(X, rows, name, logger, control);
  const some = await inMemory(selectCells(X, present.rows), control);
  const columns = await chosenFeatures(some, settings.features, settings.featureChoice, control);
  if (columns.length < 2) {
    throw new InputError({
      what: `${plural(columns.length, 'feature')} of ${name} ${columns.length === 1 ? 'is' : 'are'} seen in at least 3 cells`,
      where: source ?? name,
      expected: 'at least two',
      reason: 'no_features',
    });
  }
  const values =
    kind === 'proteins' ? matrixOf(await centredLogRatio(some, control)) : await tfIdf(some, control);
  return {
    name,
    kind,
    members: present.members,
    given: await inMemory(selectGenes(some, columns), control),
    features: Array.from(columns, (column) => data.var.index[column]),
    values,
    labels: kind === 'peaks' ? peakLabels(data.var) : data.var.index,
    points: amongAll(await modalityComponents(kind, values, control), present.members, rows.length),
    method:
      kind === 'proteins'
        ? `centred log-ratios of ${plural(data.nVars, 'protein')}, scaled`
        : `TF-IDF of ${plural(data.nVars, 'peak')}, the first component left out; the model reads ${columns.length}`,
  };
}

/** Rows with a value above zero, and the cells they are. */
async function withValues(
  matrix: Matrix,
  rows: Int32Array,
  name: string,
  logger: Logger,
  control: RunControl,
): Promise<{ readonly members: Int32Array; readonly rows: Int32Array }> {
  const filled = new Uint8Array(matrix.shape[0]);
  await eachBlock(
    matrix,
    `looking at cells of ${name}`,
    (block) => {
      checkExpression(block);
      for (let row = 0; row < block.rowCount; row++) {
        for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
          if (block.values[i] > 0) filled[block.start + row] = 1;
        }
      }
    },
    control,
  );
  const cells = Int32Array.from(rows.keys());
  const members = cells.filter((cell) => rows[cell] >= 0 && filled[rows[cell]] === 1);
  const empty = rows.filter((row) => row >= 0 && filled[row] === 0).length;
  if (members.length < 20) {
    throw new InputError({
      what: `${plural(members.length, 'cell')} ${members.length === 1 ? 'has' : 'have'} a value above zero in ${name}`,
      expected: 'at least 20',
      advice: 'The modality is empty: look whether its file or layer is the right one.',
      reason: 'empty_modality',
    });
  }
  if (empty > 0) {
    logger.warning(`${plural(empty, 'cell')} without any count in ${name} are taken as cells that lack it`);
  }
  return { members, rows: members.map((cell) => rows[cell]) };
}
