/** @file Opens two modalities of the same cells: two files, one h5mu, or one AnnData that holds both. Node only. */

import type { ModalityKind } from '../../analysis/multimodal/components.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { MuData } from '../../single-cell/h5mu/mudata.ts';
import { featureTypeColumn, modalityOfObsm, splitByFeatureType } from '../../single-cell/h5mu/split.ts';
import { openData } from '../../single-cell/open.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';

/** A modality beside RNA. */
export type OtherKind = Exclude<ModalityKind, 'genes'>;

/** The two modalities and the data results are added to. */
export interface OpenModalities {
  readonly rna: AnnData;
  readonly other: AnnData;
  /** Its name, such as `atac`. */
  readonly otherName: string;
  readonly kind: OtherKind;
  /** The whole, where it was read from one h5mu file. */
  readonly whole: MuData | null;
  close(): Promise<void>;
}

/** How modalities are told apart. */
export interface ModalityChoice {
  /** Names of entries of obsm, or of modalities of an h5mu file: the one beside RNA. */
  readonly other?: string | undefined;
  readonly kind?: OtherKind | undefined;
  readonly logger: Logger;
}

/** Names that RNA goes by, in h5mu files and as types of features. */
const rnaNames = /^(rna|gex|gene[ _]expression|genes?|mrna)$/i;
/** Names of antibody counts in obsm. */
const proteinNames = /^(protein|adt|antibod)/i;
/** A peak is named by where it is. */
const peakName = /^(chr)?[\w.]+[:_-]\d+[-_]\d+$/;

/**
 * @param paths the file with RNA and the file with the other modality, or one that holds both
 * @throws InputError when modalities cannot be told apart
 */
export async function openModalities(
  paths: readonly string[],
  choice: ModalityChoice,
): Promise<OpenModalities> {
  if (paths.length > 2) {
    throw new UsageError({
      what: `${paths.length} files are given`,
      expected: 'one that holds both modalities, or one of RNA and one of the other',
      reason: 'inputs',
    });
  }
  if (paths.length === 1)
    return /\.h5mu$/i.test(paths[0]) ? ofH5mu(paths[0], choice) : ofOne(paths[0], choice);
  const { logger } = choice;
  const rna = await openData(paths[0], { logger });
  try {
    const other = await openData(paths[1], { logger });
    return described({ rna, other, otherName: nameOf(other, choice) }, choice, async () => {
      await rna.close();
      await other.close();
    });
  } catch (error) {
    await rna.close();
    throw error;
  }
}

async function ofH5mu(path: string, choice: ModalityChoice): Promise<OpenModalities> {
  const { openH5mu } = await import('../../single-cell/h5mu/node.ts');
  const whole = await openH5mu(path, { logger: choice.logger });
  try {
    const [rna, [otherName, other]] = chosenPair(whole.modalities, choice, path);
    return { ...described({ rna, other, otherName }, choice, () => whole.close()), whole };
  } catch (error) {
    await whole.close();
    throw error;
  }
}

async function ofOne(path: string, choice: ModalityChoice): Promise<OpenModalities> {
  const data = await openData(path, { logger: choice.logger });
  try {
    const column = featureTypeColumn(data);
    const close = () => data.close();
    if (choice.other === undefined && column !== undefined) {
      const [rna, [otherName, other]] = chosenPair(splitByFeatureType(data, column), choice, path);
      return described({ rna, other, otherName }, choice, close);
    }
    const key = choice.other ?? [...data.obsm.keys()].find((name) => proteinNames.test(name));
    if (key !== undefined) {
      return described({ rna: data, other: modalityOfObsm(data, key), otherName: key }, choice, close);
    }
    throw new InputError({
      what: 'the file holds one modality',
      where: path,
      expected: 'a second file, a column feature_types of var, protein counts in obsm, or an h5mu file',
      advice: 'Name the entry of obsm with --other.',
      reason: 'one_modality',
    });
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** RNA, and the modality that is named or the only other one. */
function chosenPair(
  modalities: ReadonlyMap<string, AnnData>,
  { other }: ModalityChoice,
  where: string,
): [AnnData, [string, AnnData]] {
  const names = [...modalities.keys()];
  const rnaName = names.find((name) => rnaNames.test(name)) ?? names[0];
  const others = names.filter((name) => name !== rnaName);
  const chosen = other === undefined && others.length === 1 ? others[0] : other;
  const found = chosen === undefined ? undefined : modalities.get(chosen);
  if (chosen === undefined || found === undefined || chosen === rnaName) {
    throw new InputError({
      what:
        chosen === undefined
          ? `there are ${others.length} modalities beside ${rnaName}`
          : `'${chosen}' is no modality beside ${rnaName}`,
      where,
      expected: others.length === 0 ? 'one more' : `--other with one of ${others.join(', ')}`,
      reason: 'modality',
    });
  }
  return [modalities.get(rnaName) as AnnData, [chosen, found]];
}

function described(
  parts: Pick<OpenModalities, 'rna' | 'other' | 'otherName'>,
  { kind }: ModalityChoice,
  close: () => Promise<void>,
): OpenModalities {
  return { ...parts, kind: kind ?? kindOf(parts), whole: null, close };
}

/** Peaks by their names, or by the name of the modality; else proteins. */
function kindOf({ other, otherName }: Pick<OpenModalities, 'other' | 'otherName'>): OtherKind {
  if (/peak|atac|chromatin/i.test(otherName)) return 'peaks';
  const some = other.var.index.slice(0, 200);
  return some.filter((name) => peakName.test(name)).length > some.length / 2 ? 'peaks' : 'proteins';
}

function nameOf(other: AnnData, { kind }: ModalityChoice): string {
  return (kind ?? kindOf({ other, otherName: '' })) === 'peaks' ? 'atac' : 'protein';
}
