/** @file Where genes lie on the genome, from GTF, GFF3 or BED. */

import { InputError } from '../../support/errors.ts';
import { feed, type TextSource } from '../text/source.ts';

/** A gene's stretch of a chromosome: bases `start` to `end - 1`, counted from 0. */
export interface GenePlace {
  /** The symbol; the id where the file has none. */
  readonly name: string;
  /** As the file writes it: `chr1`, `1` or `NC_000001.11`. */
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is read from its last base to its first. */
  readonly reverse: boolean;
}

/**
 * Reads places of genes. Of GTF and GFF3 the rows of genes count; where there are none, a gene spans the rows of its
 * name. BED needs four columns at least; a strand is read from the sixth.
 *
 * @throws InputError for a line that is neither, or a file without genes, naming the line
 */
export async function readGenePlaces(source: TextSource): Promise<readonly GenePlace[]> {
  const genes: GenePlace[] = [];
  const spans = new Map<string, GenePlace>();
  const decoder = new TextDecoder();
  let lineNumber = 0;
  const read = (line: string): void => {
    lineNumber++;
    if (line === '' || /^(#|track\b|browser\b)/.test(line)) return;
    const found = placeOf(line.split('\t'));
    if (found === null) throw unreadable(source.path, lineNumber);
    if (found.isGene) genes.push(found.place);
    else widen(spans, found.place);
  };
  await feed(source, {
    parse(block, last) {
      const used = last ? block.length : block.lastIndexOf(10) + 1;
      const lines = decoder.decode(block.subarray(0, used)).split('\n');
      if (lines.at(-1) === '') lines.pop(); // what follows the last line's end
      for (const line of lines) read(line.replace(/\r$/, ''));
      return used;
    },
  });
  const all = genes.length > 0 ? genes : [...spans.values()];
  if (all.length > 0) return all;
  throw new InputError({
    what: 'there are no genes',
    where: source.path,
    expected: 'GTF, GFF3, or BED with names in the fourth column',
    reason: 'gene_places',
  });
}

function widen(spans: Map<string, GenePlace>, place: GenePlace): void {
  if (place.name === '') return; // a chromosome or another row that belongs to no gene
  const key = `${place.chromosome}\t${place.name}`;
  const { start, end } = spans.get(key) ?? place;
  spans.set(key, { ...place, start: Math.min(start, place.start), end: Math.max(end, place.end) });
}

function placeOf(fields: readonly string[]): { readonly place: GenePlace; readonly isGene: boolean } | null {
  if (fields.length >= 9 && isPlace(fields[3], fields[4])) {
    const [chromosome, , feature, first, last, , strand, , attributes] = fields;
    const name = nameIn(attributes);
    const isGene = /^(gene|\w+_gene|pseudogene)$/.test(feature) && name !== '';
    const place = { name, chromosome, start: Number(first) - 1, end: Number(last), reverse: strand === '-' };
    return { place, isGene };
  }
  const [chromosome, start, end, name = '', , strand] = fields;
  if (name === '' || !isPlace(start, end)) return null;
  const place = { name, chromosome, start: Number(start), end: Number(end), reverse: strand === '-' };
  return { place, isGene: true };
}

const isPlace = (start: string | undefined, end: string | undefined): boolean =>
  /^\d+$/.test(start ?? '') && /^\d+$/.test(end ?? '') && Number(start) <= Number(end);

/** `gene_name "CD4";` of GTF or `gene_name=CD4;` of GFF3, where there is none another name or the id. */
function nameIn(attributes: string): string {
  for (const key of ['gene_name', 'gene', 'Name', 'gene_id']) {
    const found = new RegExp(`(?:^|[;\\s])${key}[ =]"?([^";]+)"?`).exec(attributes);
    if (found !== null) return found[1].trim();
  }
  return '';
}

function unreadable(path: string, line: number): InputError {
  return new InputError({
    what: 'the line is no place of a gene',
    where: `${path}, line ${line}`,
    expected: 'GTF or GFF3 with nine columns, or BED with chromosome, start, end and name, tabs between them',
    reason: 'gene_places',
  });
}
