/** @file The summaries of gene network commands in words. */

import { plural } from '../support/words.ts';
import type { GeneProgramSummary, ProgramCounts } from '../tasks/grn/programs-files.ts';
import type { RegulatorTargetSummary } from '../tasks/grn/targets-files.ts';

/** Rows that a terminal shows, and genes of a row. */
const rowsShown = 15;
const genesShown = 8;

/** Programs beside those of co-expression. */
export function grnProgramsText(summary: GeneProgramSummary): string {
  const { ours, coExpression, universe, programs, genes, cells, output, files } = summary;
  const counts = (of: ProgramCounts): string => {
    const sets =
      of.setsByBonferroni === null
        ? ''
        : `, ${plural(of.setsByBonferroni, 'gene set')} by Bonferroni, ${of.setsByFalseDiscoveryRate} at 5 % false discoveries`;
    return `  ${of.name}: ${plural(of.programs, 'program')} with ${plural(of.genesInPrograms, 'gene')}, ${of.cohesive} more alike than random genes${sets}`;
  };
  const lines = [`${plural(genes, 'gene')} in ${plural(cells, 'cell')}`, counts(ours), counts(coExpression)];
  if (universe !== null) {
    lines.push(
      `tested ${plural(universe.setsTested, 'gene set')} in a universe of ${plural(universe.genes, 'gene')}, ${universe.inSets} of them in a set`,
    );
  }
  lines.push('');
  for (const { name, genes: members, set } of programs.slice(0, rowsShown)) {
    const more = members.length > genesShown ? `, and ${members.length - genesShown} more` : '';
    lines.push(
      `  ${name}: ${members.slice(0, genesShown).join(', ')}${more}${set === null ? '' : `  [${set}]`}`,
    );
  }
  if (programs.length > rowsShown) lines.push(`  and ${programs.length - rowsShown} more`);
  lines.push(`wrote ${files.join(', ')} to ${output}`);
  return lines.join('\n');
}

/** Targets of each regulator, and how to read them. */
export function grnTargetsText(summary: RegulatorTargetSummary): string {
  const { conditions, genes, regulators, targets, significant, output, files } = summary;
  const compared = significant.length > conditions.length;
  const lines = [
    `${plural(regulators.length, 'regulator')} and ${plural(genes, 'gene')}; ${conditions.map(({ name, cells }) => `${name}: ${plural(cells, 'cell')}`).join(', ')}`,
  ];
  for (const regulator of regulators) {
    const own = targets.filter((each) => each.regulator === regulator).slice(0, genesShown);
    const shown = own.map(({ target, attention, difference }) =>
      difference === null
        ? `${target} ${Math.max(...attention).toFixed(2)}`
        : `${target} ${difference < 0 ? '' : '+'}${difference.toFixed(2)}`,
    );
    lines.push(`  ${regulator}: ${shown.join(', ')}`);
  }
  conditions.forEach(({ name }, i) => {
    lines.push(
      `${name}: ${plural(significant[i], 'edge')} above other genes in the regulator's place (5 % false discoveries)`,
    );
  });
  if (compared) {
    const [first, second] = conditions;
    lines.push(
      `${plural(significant[conditions.length], 'edge')} differ between ${first.name} and ${second.name} (5 % false discoveries, shuffled cells); + means that the target reads more from the regulator in ${first.name}`,
    );
  }
  lines.push(
    'An edge goes from the regulator, which is asked, to the target, which asks. Attention has no sign: it says that the model reads one gene for the other, not whether it activates or represses; the sign of co-expression stands beside it.',
    `wrote ${files.join(', ')} to ${output}`,
  );
  return lines.join('\n');
}
