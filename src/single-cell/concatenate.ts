/** @file Several AnnData as one: cells below one another, genes joined by name. */

import { UsageError } from '../support/errors.ts';
import { type Logger, silent } from '../support/log.ts';
import { AnnData, type Raw } from './anndata.ts';
import { inAll, none, shared, stacked } from './concatenate/annotations.ts';
import { joinCells } from './concatenate/cells.ts';
import { joinGeneTables } from './concatenate/gene-table.ts';
import { type GeneJoin, joinGenes } from './concatenate/genes.ts';
import { joinMatrices } from './concatenate/matrix.ts';
import type { Matrix } from './matrix.ts';

/** How to join inputs. */
export interface ConcatenateOptions {
  /** Names of the inputs, one each. With them, cell names that collide get `-` and the input's name appended. */
  readonly keys?: readonly string[] | undefined;
  /** The obs column, categorical, that says from which input a cell comes. Default: no column. */
  readonly batchKey?: string | undefined;
  /** Genes of any input, absent ones being zero, or of all. Default `outer`, which loses no counts. */
  readonly join?: 'outer' | 'inner' | undefined;
  /** Hears what was joined, renamed and dropped. */
  readonly logger?: Logger | undefined;
}

/**
 * Joins inputs on their genes; matrices are read from the inputs when asked for. Columns of obs are united, with
 * missing values; layers, raw and obsm are kept where every input has them; var, varm, varp and uns where all inputs
 * agree; obsp is dropped. Closing the result closes the inputs.
 *
 * @throws UsageError when there is no input, keys do not fit, or an input has a column named as the batch column
 */
export function concatenate(inputs: readonly AnnData[], options: ConcatenateOptions = {}): AnnData {
  const { join = 'outer', logger = silent, batchKey } = options;
  const keys = checkedKeys(inputs, options);
  const genes = joinGenes(
    inputs.map((input) => input.var.index),
    join,
  );
  reportGenes(inputs, keys, genes, join, logger);
  const dropped: string[] = [];
  const each = <V>(part: (input: AnnData) => V) => inputs.map(part);
  const sameGenes = genes.identical ? shared : none;
  const joined = new AnnData({
    obs: joinCells(
      each(({ obs }) => obs),
      { keys, renames: options.keys !== undefined, batchKey },
      logger,
    ),
    var: joinGeneTables(
      each((input) => input.var),
      genes,
      'var',
      dropped,
    ),
    X: joinX(inputs, genes, dropped),
    layers: inAll(
      each(({ layers }) => layers),
      'layers',
      dropped,
    ).map(([name, layers]) => [name, joinAligned(layers, genes)]),
    raw: joinRaw(inputs, join, dropped),
    obsm: stacked(
      each(({ obsm }) => obsm),
      'obsm',
      dropped,
    ),
    varm: sameGenes(
      each(({ varm }) => varm),
      'varm',
      dropped,
    ),
    varp: sameGenes(
      each(({ varp }) => varp),
      'varp',
      dropped,
    ),
    obsp: none(
      each(({ obsp }) => obsp),
      'obsp',
      dropped,
    ),
    uns: shared(
      each(({ uns }) => uns),
      'uns',
      dropped,
    ),
    source: inputs.map(({ source }) => source ?? 'data in memory').join(', '),
    onClose: async () => {
      for (const input of inputs) await input.close();
    },
  });
  if (dropped.length > 0) {
    logger.warning(`joining ${inputs.length} inputs dropped what they do not share: ${dropped.join(', ')}`);
  }
  return joined;
}

function checkedKeys(inputs: readonly AnnData[], { keys, batchKey }: ConcatenateOptions): readonly string[] {
  const bad = (what: string, advice?: string) =>
    new UsageError({ what, where: 'joining inputs', advice, reason: 'concatenate' });
  if (inputs.length === 0) throw bad('there is no input');
  if (keys !== undefined && (keys.length !== inputs.length || new Set(keys).size !== keys.length)) {
    throw bad(
      `${keys.length} names (${keys.join(', ')}) for ${inputs.length} inputs`,
      'Give each its own name.',
    );
  }
  const taken = inputs.find(({ obs }) => batchKey !== undefined && obs.columns.has(batchKey));
  if (taken !== undefined) {
    throw bad(
      `${taken.source ?? 'an input'} has a column ${batchKey} already`,
      'Name another batch column, with --batch-key on the command line.',
    );
  }
  return keys ?? inputs.map((_, i) => String(i));
}

function reportGenes(
  inputs: readonly AnnData[],
  keys: readonly string[],
  genes: GeneJoin,
  join: 'outer' | 'inner',
  logger: Logger,
): void {
  const total = genes.names.length;
  logger.info(`joined ${inputs.length} inputs: ${total} genes`);
  for (const [i, input] of inputs.entries()) {
    const lacking = total - genes.places[i].filter((place) => place >= 0).length;
    const left = input.nVars - (total - lacking);
    if (join === 'outer' && lacking > 0) {
      logger.warning(`${keys[i]} lacks ${lacking} of the ${total} genes; they are 0 in its cells`);
    }
    if (left > 0) logger.warning(`${left} of the ${input.nVars} genes of ${keys[i]} are left out`);
  }
}

function joinX(inputs: readonly AnnData[], genes: GeneJoin, dropped: string[]): Matrix | null {
  const matrices = inputs.flatMap(({ X }) => X ?? []);
  if (matrices.length === inputs.length) return joinAligned(matrices, genes);
  if (matrices.length > 0) dropped.push('X');
  return null;
}

function joinAligned(matrices: readonly Matrix[], genes: GeneJoin): Matrix {
  return joinMatrices(matrices, genes.places, genes.names.length);
}

function joinRaw(inputs: readonly AnnData[], join: 'outer' | 'inner', dropped: string[]): Raw | null {
  const raws = inputs.flatMap(({ raw }) => raw ?? []);
  if (raws.length < inputs.length) {
    if (raws.length > 0) dropped.push('raw');
    return null;
  }
  const genes = joinGenes(
    raws.map((raw) => raw.var.index),
    join,
  );
  const table = joinGeneTables(
    raws.map((raw) => raw.var),
    genes,
    'raw/var',
    dropped,
  );
  return {
    X: joinAligned(
      raws.map(({ X }) => X),
      genes,
    ),
    var: table,
    varm: new Map(),
  };
}
