/** @file Gene sets in GMT, the format of MSigDB, Reactome and Enrichr: a set a line, tabs between name, description, genes. */

import { InputError } from '../../support/errors.ts';

/** A named set of genes: a pathway, a process, a signature. */
export interface GeneSet {
  readonly name: string;
  /** Free text, often a link; may be empty. */
  readonly description: string;
  /** Symbols as they are written, each once. */
  readonly genes: readonly string[];
}

/**
 * Reads gene sets. Empty lines and those that begin with `#` are passed over, as are empty fields at a line's end;
 * Enrichr's weights (`GENE,1.0`) are left out.
 *
 * @param source the file's name, for messages
 * @throws InputError for a line without genes, a name that comes twice, or no set at all, naming the line
 */
export function parseGeneSets(text: string, source: string): readonly GeneSet[] {
  const sets = new Map<string, GeneSet>();
  text.split(/\r?\n/).forEach((line, at) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [name, description = '', ...fields] = line.split('\t').map((field) => field.trim());
    const genes = [...new Set(fields.map((field) => field.replace(/,-?[\d.eE+-]+$/, '')))].filter(
      (gene) => gene !== '',
    );
    const where = `${source}, line ${at + 1}`;
    if (name === '' || genes.length === 0) {
      throw new InputError({
        what: name === '' ? 'a set has no name' : `the set '${name}' has no genes`,
        where,
        expected: 'name, description and genes with tabs between them (GMT)',
        reason: 'gene_sets',
      });
    }
    if (sets.has(name)) {
      throw new InputError({
        what: `the set '${name}' comes twice`,
        where,
        expected: 'each name once',
        reason: 'gene_sets',
      });
    }
    sets.set(name, { name, description, genes });
  });
  if (sets.size > 0) return [...sets.values()];
  throw new InputError({
    what: 'there are no gene sets',
    where: source,
    expected: 'a set a line: name, description and genes with tabs between them (GMT)',
    reason: 'gene_sets',
  });
}
