/** @file What a name's form gives away: ids, other species, clone names, and rows that are no genes. */

/** Names a table writes where there is none. `NaN` is an alias of SCN11A, which is never meant by it. */
const emptyNames = new Set(['', 'na', 'n/a', '<na>', 'nan', 'none', 'null', '-']);

/** True for a missing name, as tables and spreadsheets write it. */
export function isEmptyName(name: string): boolean {
  return emptyNames.has(name.trim().toLowerCase()) || /^Unnamed: \d+$/.test(name);
}

/** Rows that sequencing tools and experiments add beside genes. */
export type NotAGene =
  | 'spike_in'
  | 'transgene_or_tag'
  | 'antibody'
  | 'hashtag'
  | 'peak'
  | 'counter_line'
  | 'special_token';

const transgene =
  /^(?:(?:e|tag|turbo|zs|acgfp|mneon)?gfp|e?[ycrb]fp|(?:e|m|zs)?green|tdtomato|dtomato|mcherry|mscarlet|dsred|mkate2?|cre|creert2|icre|flpo|lacz|luciferase|wpre|d?cas9|neor|puror|hygror|rtta|ires)$/i;

const notGenes: readonly (readonly [NotAGene, RegExp])[] = [
  ['special_token', /^<.*>$/],
  ['spike_in', /^(?:ERCC-\d{5}|SIRV\d+|gSpikein.*|phiX.*)$/i],
  ['antibody', /totalseq|^(?:ADT|anti)[-_.]|[-_.]ADT$/i],
  ['hashtag', /^(?:HTO|hashtag)[-_ ]?[A-Z]?\d*$/i],
  ['peak', /^(?:chr)?(?:\d{1,2}|[XYM]|MT|[A-Z]{2}\d{6}\.\d)[:\-_]\d+[-_]\d+$/i],
  [
    'counter_line',
    /^(?:__(?:no_feature|ambiguous|too_low_aQual|not_aligned|alignment_not_unique)|N_(?:unmapped|multimapping|noFeature|ambiguous))$/,
  ],
  ['transgene_or_tag', transgene],
];

/** What a row is when it is no gene, by its name. */
export function notAGene(name: string): NotAGene | undefined {
  return notGenes.find(([, pattern]) => pattern.test(name))?.[0];
}

/** A human Ensembl gene id in one of the spellings files have. */
export interface EnsemblForm {
  /** Without version, in upper case. */
  readonly id: string;
  readonly form: 'plain' | 'version' | 'other_case' | 'par_y';
}

/**
 * Reads a human Ensembl gene id: with or without version, in any case, with the marks of the copy on the Y
 * pseudo-autosomal region (`_PAR_Y`, and `ENSGR` before Ensembl 74).
 */
export function ensemblForm(name: string): EnsemblForm | undefined {
  const match = /^ENSG(R?)(\d{10,11})(\.\d+)?(_PAR_Y)?$/i.exec(name);
  if (match === null) return undefined;
  const [, r, digits, version, parY] = match;
  if (digits.length + r.length !== 11) return undefined;
  const id = `ENSG${digits.padStart(11, '0')}`;
  if (r !== '' || parY !== undefined) return { id, form: 'par_y' };
  if (version !== undefined) return { id, form: 'version' };
  return { id, form: name === id ? 'plain' : 'other_case' };
}

/** What an id that is not one of a human gene is one of. */
export function otherEnsemblId(name: string): 'mouse' | 'transcript' | 'protein' | 'species' | undefined {
  if (/^ENSMUS[GTP]\d{11}(\.\d+)?$/i.test(name)) return 'mouse';
  if (/^ENST\d{11}(\.\d+)?$/i.test(name)) return 'transcript';
  if (/^ENSP\d{11}(\.\d+)?$/i.test(name)) return 'protein';
  return /^ENS[A-Z]{3,4}[GTP]\d{11}(\.\d+)?$/i.test(name) ? 'species' : undefined;
}

const mouseGenome = /^(?:mm9|mm10|mm39|GRCm38|GRCm39|mouse)[_-]+/i;
const humanGenome = /^(?:hg18|hg19|hg38|GRCh37|GRCh38|human)[_-]+/i;

/** The name behind a mouse genome's prefix, as Cell Ranger writes it for several genomes. */
export function withoutMouseGenome(name: string): string | undefined {
  return mouseGenome.test(name) ? name.replace(mouseGenome, '') : undefined;
}

/** The name behind a human genome's prefix. */
export function withoutHumanGenome(name: string): string | undefined {
  return humanGenome.test(name) ? name.replace(humanGenome, '') : undefined;
}

/** True for names only mouse nomenclature has: RIKEN clones, predicted genes, the H2 locus. */
export function isMouseOnly(name: string): boolean {
  return /^(?:H2-\w+|Gm\d+|[0-9A-Z]{10}Rik|[A-Z]{1,2}\d{6}[A-Z]?Rik)$/.test(name);
}

/** True for a symbol in mouse case: a capital, then small letters (`Cd3e`, `mt-Co1`). Human `C1orf112` and `GeneA` are none. */
export function hasMouseCase(name: string): boolean {
  return /^(?:[A-Z][a-z]|[A-Z]\d+[a-z]\d|mt-[A-Z][a-z])(?!.*[a-z][A-Z]$)[A-Za-z0-9.-]*$/.test(name);
}

/** True for names of sequenced clones and GenBank accessions, whose `.7` is part of the name. */
export function isCloneName(name: string): boolean {
  return /^(?:(?:RP\d{1,2}|CT[ABCD]|KB|GS1|LL\w+|XX[a-z]*|bP|hCG)-?[\w-]+|[A-Z]{1,2}\d{5,6})\.\d+$/.test(
    name,
  );
}

/** True for a cell's barcode, which stands where genes should when a matrix is transposed. */
export function isBarcode(name: string): boolean {
  return /^(?:\w+[_-])?[ACGTN]{12,}(?:[-_]\w+)?$/.test(name);
}
