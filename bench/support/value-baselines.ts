/** @file Predictions of hidden expression bins that need no model: a gene's mean, and its mean among the nearest cells. */

/** The mean bin of each gene where it is expressed. */
export class GeneMeans {
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;

  constructor(tokens: number) {
    this.sums = new Float64Array(tokens);
    this.counts = new Float64Array(tokens);
  }

  add(genes: Int32Array, bins: Float32Array): void {
    genes.forEach((gene, i) => {
      this.sums[gene] += bins[i];
      this.counts[gene]++;
    });
  }

  /** The mean over all genes where a gene was never seen. */
  of(gene: number): number {
    if (this.counts[gene] > 0) return this.sums[gene] / this.counts[gene];
    return this.sums.reduce((total, sum) => total + sum, 0) / this.counts.reduce((total, n) => total + n, 0);
  }

  predict(genes: Int32Array): Float64Array {
    return Float64Array.from(genes, (gene) => this.of(gene));
  }
}

/** The mean of a gene among the cells most like the known part of a cell, by cosine of bins; else the gene's mean. */
export class NearestCells {
  private readonly means: GeneMeans;
  private readonly k: number;
  private readonly cells: { readonly bins: ReadonlyMap<number, number>; readonly length: number }[] = [];

  constructor(means: GeneMeans, k: number) {
    this.means = means;
    this.k = k;
  }

  add(genes: Int32Array, bins: Float32Array): void {
    const byGene = new Map<number, number>();
    genes.forEach((gene, i) => {
      byGene.set(gene, bins[i]);
    });
    this.cells.push({ bins: byGene, length: Math.hypot(...bins) });
  }

  predict(known: ReadonlyMap<number, number>, genes: Int32Array): Float64Array {
    const similar = this.cells.map(({ bins, length }) => {
      let product = 0;
      for (const [gene, value] of known) product += value * (bins.get(gene) ?? 0);
      return product / length;
    });
    const order = Array.from(similar.keys()).sort((a, b) => similar[b] - similar[a]);
    const nearest = order.slice(0, this.k).map((cell) => this.cells[cell].bins);
    return Float64Array.from(genes, (gene) => {
      const found = nearest.flatMap((bins) => bins.get(gene) ?? []);
      if (found.length === 0) return this.means.of(gene);
      return found.reduce((total, value) => total + value, 0) / found.length;
    });
  }
}
