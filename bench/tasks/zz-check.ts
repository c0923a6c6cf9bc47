import { BenchmarkFiles } from '/work/main/bench/tasks/files.ts';
import { hiddenEntrySet, hiddenEntrySets, panelSet, panelSets } from '/work/main/bench/tasks/imputation-sets.ts';
import { imputationMethods } from '/work/main/src/analysis/imputation/methods.ts';
import { panelMethods } from '/work/main/src/analysis/imputation/panel/methods.ts';
import { imputationScores, predictEntries } from '/work/main/src/analysis/imputation/scores.ts';
import { panelScores } from '/work/main/src/analysis/imputation/panel/scores.ts';
import { StoredPeers } from '/work/main/bench/tasks/peers.ts';
const files = new BenchmarkFiles('/work/shared');
const peers = new StoredPeers('/work/shared/benchmarks/imputation.json');
const r = (x: number) => x?.toFixed(4);
for (const set of hiddenEntrySets) {
  const s = await hiddenEntrySet(set, files, '/work/shared');
  for (const m of imputationMethods) {
    const t = performance.now();
    const sc = imputationScores(s.entries, predictEntries(await m.fit(s.expression), s.entries));
    const name = m.id.startsWith('low-rank') ? `${m.name} (ALRA-like, no threshold)` : m.name;
    const p = peers.of(set, name)?.scores ?? {};
    console.log(set, m.name, ((performance.now() - t) / 1000).toFixed(1));
    console.log('  ', [sc.pearsonPerCell, sc.spearmanPerCell, sc.aurocPerCell, sc.msePerCell, sc.mseAfterLinearFit, sc.pearsonPooled, sc.pearsonPerGene].map(r).join(' '));
    console.log('  ', ['pearson_per_cell', 'spearman_per_cell', 'auroc_nonzero_per_cell', 'mse_per_cell', 'mse_after_linear_fit', 'pearson_pooled', 'pearson_per_gene'].map((k) => r(p[k])).join(' '));
  }
}
for (const set of panelSets) {
  const s = await panelSet(set, files, '/work/shared');
  for (const m of panelMethods) {
    const t = performance.now();
    const sc = panelScores(await m.fit(s.reference, s.query), s.truth);
    const p = peers.of(set, m.name)?.scores ?? {};
    console.log(set, m.name, ((performance.now() - t) / 1000).toFixed(1), sc.genes);
    console.log('  ', [sc.pearsonPerGene, sc.spearmanPerGene, sc.pearsonPerCell, sc.mse, sc.aurocPerCell].map(r).join(' '));
    console.log('  ', ['pearson_per_gene', 'spearman_per_gene', 'pearson_per_cell', 'mse', 'auroc_nonzero_per_cell'].map((k) => r(p[k])).join(' '), JSON.stringify(Object.keys(p)));
  }
}
await files.close();
