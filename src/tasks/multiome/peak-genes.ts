/** @file Peaks named by the gene nearest to them, from a file of genes that the user gives. Node only. */

import { type NearestGenes, nearestGenes } from '../../analysis/multimodal/nearest-genes.ts';
import { AnnData } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { readGenePlaces } from '../../single-cell/genes/gene-places.ts';
import { textFile } from '../../single-cell/text/node-files.ts';
import { UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { plural } from '../../support/words.ts';
import type { OtherKind } from './inputs.ts';
import { nearestGeneColumns } from './peak-labels.ts';

/**
 * Peaks with the gene nearest to each and its distance in bases, in columns of var.
 *
 * @param path GTF, GFF3 or BED, packed with gzip or not
 * @throws UsageError for proteins
 * @throws InputError when the file cannot be read, or names chromosomes in another way than peaks do
 */
export async function withNearestGenes(
  peaks: AnnData,
  { path, kind, logger }: { readonly path: string; readonly kind: OtherKind; readonly logger: Logger },
): Promise<AnnData> {
  if (kind !== 'peaks') {
    throw new UsageError({
      what: `genes nearest to ${kind} are asked for`,
      expected: 'peaks',
      advice: 'Leave --genes-gtf out, or name them peaks with --kind if they are.',
      reason: 'genes_of_proteins',
    });
  }
  const found = nearestGenes(peaks.var.index, await readGenePlaces(await textFile(path)), path);
  tell(found, logger);
  const columns = [
    ...peaks.var.columns,
    [nearestGeneColumns.gene, { kind: 'string', values: found.genes }],
    [nearestGeneColumns.distance, { kind: 'number', dtype: 'float64', values: found.distances }],
  ] as const;
  const { obs, X, layers, obsm, varm, obsp, varp, uns, raw, source } = peaks;
  const features = new DataFrame(peaks.var.index, columns, peaks.var.indexName);
  return new AnnData({ obs, var: features, X, layers, obsm, varm, obsp, varp, uns, raw, source });
}

function tell({ genes, renamed }: NearestGenes, logger: Logger): void {
  if (renamed !== null) logger.warning(renamed);
  const without = genes.filter((gene) => gene === null).length;
  if (without === 0) return;
  logger.warning(
    `${plural(without, 'peak')} ${without === 1 ? 'has' : 'have'} no nearest gene: ${without === 1 ? 'its chromosome has' : 'their chromosomes have'} no genes in the file, or names tell no place`,
  );
}
