/** @file The summaries of gene network commands in words. */

import { plural } from '../support/words.ts';
import type { GeneProgramSummary, ProgramCounts } from '../tasks/grn/programs-files.ts';
import type { RegulatorTargetSummary } from '../tasks/grn/targets-files.ts';

/** Rows that a terminal shows, and genes of a row. */
const rowsShown = 15;
const genesShown = 8;

/** Programs beside those of plain methods. */
export function grnProgramsText(summary: GeneProgramSummary): string {
  const { ours, baselines, sentences, programs, groups } = summary;
  const lines = [...sentences, '', ...[ours, ...baselines].map(countsLine), ''];
  for (const { name, genes: members, set } of programs.slice(0, rowsShown)) {
    const more = members.length > genesShown ? `, and ${members.length - genesShown} more` : '';
    lines.push(
      `  ${name}: ${members.slice(0, genesShown).join(', ')}${more}${set === null ? '' : `  [${set}]`}`,
    );
  }
  if (programs.length > rowsShown) lines.push(`  and ${programs.length - rowsShown} more`);
  for (const of of groups ?? []) {
    lines.push(`in ${of.group}, ${plural(of.cells, 'cell')}:`, ...[of.ours, ...of.baselines].map(countsLine));
  }
  return [...lines, writtenLine(summary)].join('\n');
}

function countsLine(of: ProgramCounts): string {
  const sets =
    of.setsByBonferroni === null
      ? ''
      : `, ${plural(of.setsByBonferroni, 'gene set')} by Bonferroni, ${of.setsByFalseDiscoveryRate} at 5 % false discoveries`;
  return `  ${of.name}: ${plural(of.programs, 'program')} with ${plural(of.genesInPrograms, 'gene')}, ${of.cohesive} more alike than random genes${sets}`;
}

/** Targets of each regulator, and how to read them. */
export function grnTargetsText(summary: RegulatorTargetSummary): string {
  const { regulators, targets, sentences, known, conditions, significant } = summary;
  const compared = significant.length > conditions.length;
  const lines = [...sentences];
  if (compared) {
    lines.push(`+ means that the target reads more from the regulator in ${conditions[0].name}.`);
  }
  lines.push('');
  for (const regulator of regulators) {
    const own = targets.filter((each) => each.regulator === regulator).slice(0, genesShown);
    const shown = own.map(({ target, attention, difference }) =>
      difference === null
        ? `${target} ${Math.max(...attention).toFixed(2)}`
        : `${target} ${difference < 0 ? '' : '+'}${difference.toFixed(2)}`,
    );
    lines.push(`  ${regulator}: ${shown.join(', ')}`);
  }
  lines.push('');
  for (const { name, auroc, aupr, p } of known?.methods ?? []) {
    lines.push(
      `  known edges by ${name}: AUROC ${auroc.toFixed(3)}, AUPRC ${aupr.toFixed(3)}${p === null ? '' : `, p ${p.toFixed(3)}`}`,
    );
  }
  lines.push(
    'An edge goes from the regulator, which is asked, to the target, which asks. Attention has no sign: it says that the model reads one gene for the other, not whether it activates or represses; the sign of co-expression stands beside it.',
    writtenLine(summary),
  );
  return lines.join('\n');
}

function writtenLine(summary: {
  readonly output: string;
  readonly files: readonly string[];
  readonly report: string | null;
  readonly figures: string | null;
}): string {
  const { output, files, report, figures } = summary;
  const others = [report, figures].filter((place) => place !== null);
  return [`wrote ${files.join(', ')} to ${output}`, ...others].join('; ');
}
