/** @file The report of generated genes or profiles: what held-out values say of the model beside plain methods. */

import type { LoadedModel } from '../../model/folder.ts';
import type { TaskReport } from '../../report/task-report.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { plural } from '../../support/words.ts';
import type { EpochRecord } from '../../train/loop.ts';
import type { PreparedCells } from '../prepare.ts';
import {
  curvesSection,
  environmentFacts,
  inputSection,
  modelFacts,
  type ReportContext,
} from '../report-parts.ts';
import type { GenerateOptions, GenerateSummary } from './generate-files.ts';
import { heldOutSection, hiddenEntriesNote } from './held-out-section.ts';
import { sourceName } from './impute-files.ts';
import { weightsInWords } from './verdict.ts';

/** The report as data. */
export function generateReport(
  summary: GenerateSummary,
  run: {
    readonly data: AnnData;
    readonly prepared: PreparedCells;
    readonly model: LoadedModel;
    readonly device: string;
    readonly history: readonly EpochRecord[];
    readonly bestStep: number;
  },
  { warnings, threads, command, seed = 0, steps = 1 }: ReportContext & GenerateOptions,
): TaskReport {
  const { from, genes, given, measured, profiles, methods, verdict, weights } = summary;
  const note =
    measured > 0
      ? 'Each cell was told from two thirds of the other cells and its own given genes, and compared with what was measured of it, zeros counting. Correlations of genes are over cells.'
      : `${hiddenEntriesNote} The generated genes cannot be scored: these are values of the given ones.`;
  return {
    task: 'scGPT generation',
    title: sourceName(run.data.source),
    subtitle: `${plural(genes, 'gene')} of ${plural(profiles, 'profile')}, model ${run.model.name}`,
    summary: [
      from === 'genes'
        ? `${plural(genes, 'gene')} of ${plural(profiles, 'cell')} generated from ${plural(given, 'given gene')}.`
        : `${plural(profiles, 'profile')} of ${plural(genes, 'gene')} generated from cell embeddings.`,
      ...verdict.sentences,
    ],
    warnings,
    sections: [
      heldOutSection(methods, note, measured > 0 ? 'pearsonPerGene' : 'pearsonPerCell'),
      ...(run.history.length === 0
        ? []
        : [curvesSection(run.history, run.bestStep, 'Losses of generative fine-tuning, by epoch.')]),
      inputSection(run.prepared),
    ],
    model: modelFacts(run.model),
    settings: [
      ['Seed', String(seed)],
      ['Steps', String(steps)],
      ['Answer', measured > 0 ? weightsInWords(Object.entries(weights)) : 'the model alone'],
    ],
    environment: environmentFacts(run.device, threads),
    command,
  };
}
