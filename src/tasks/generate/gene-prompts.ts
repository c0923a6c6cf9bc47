/** @file Genes generated from other genes of each cell, where other cells show what such genes are: the model together with plain methods. */

import { chosenCells } from '../../analysis/imputation/chosen-cells.ts';
import { geneSums } from '../../analysis/imputation/gene-means.ts';
import type { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import { panelMethods } from '../../analysis/imputation/panel/methods.ts';
import type { RunControl } from '../../support/progress.ts';
import type { ModelReading } from './model-values.ts';
import { type Answer, calibratedGenes, generated, type PanelCompletion, stackedAnswers } from './panel.ts';

/** Each cell is told from the cells of the other folds. */
const folds = 3;

/**
 * Tells wanted genes of every cell from its given ones. No method sees wanted genes of the cell it is asked for: each
 * learns from two thirds of the cells what the given genes say, and is asked for the rest, so that all cells score it.
 *
 * @param given genes that are seen
 * @param wanted genes to tell, of the same cells
 * @param reading the model with tokens of the given genes, then of the wanted ones
 */
export async function promptedGenes(
  given: IncompleteExpression,
  wanted: IncompleteExpression,
  reading: ModelReading,
  control: RunControl = {},
): Promise<PanelCompletion> {
  const values = await generated(reading, given, wanted.genes, control);
  const valuesOf = (cells: Int32Array) => {
    const some = new Float64Array(cells.length * wanted.genes);
    cells.forEach((cell, i) => {
      some.set(values.subarray(cell * wanted.genes, (cell + 1) * wanted.genes), i * wanted.genes);
    });
    return some;
  };
  const tables = new Map<Answer['method'], Float32Array>();
  const model = { id: 'scgpt', name: 'scGPT alone' };
  for (let fold = 0; fold < folds; fold++) {
    const all = Int32Array.from({ length: given.cells }, (_, cell) => cell);
    const [learnt, asked] = [
      all.filter((cell) => cell % folds !== fold),
      all.filter((cell) => cell % folds === fold),
    ];
    const reference = {
      visible: await chosenCells(given, learnt),
      hidden: await chosenCells(wanted, learnt),
    };
    const query = await chosenCells(given, asked);
    const answers = await Promise.all([
      ...panelMethods.map(async (method) => ({ method, rows: await method.fit(reference, query, control) })),
      { method: model, rows: calibratedGenes(valuesOf(learnt), valuesOf(asked), reference.hidden) },
    ]);
    const row = new Float64Array(wanted.genes);
    for (const { method, rows } of answers) {
      const table = tables.get(method) ?? new Float32Array(given.cells * wanted.genes);
      tables.set(method, table);
      asked.forEach((cell, i) => {
        rows(i, row);
        table.set(row, cell * wanted.genes);
      });
    }
  }
  const answers = Array.from(
    tables,
    ([method, table]): Answer => ({
      method,
      rows: (cell, into) => into.set(table.subarray(cell * wanted.genes, (cell + 1) * wanted.genes)),
    }),
  );
  const means = geneSums(wanted).sums.map((sum) => sum / wanted.cells);
  const { rows, weights, scored } = stackedAnswers(
    answers,
    means,
    { reference: wanted, query: wanted },
    reading,
  );
  return { rows, weights, scored };
}
