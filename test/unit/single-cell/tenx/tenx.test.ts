import { describe, expect, it } from 'vitest';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { nodeHdf5 } from '../../../../src/single-cell/hdf5/node.ts';
import { Float32Rows } from '../../../../src/single-cell/tenx/float32-rows.ts';
import { openTenxIn } from '../../../../src/single-cell/tenx/open.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { errorOf, expectAsStated, fixturePath } from '../fixture-files.ts';

async function open(name: string, logger = new RecordingLogger()) {
  return openTenxIn(await nodeHdf5(), fixturePath(name), logger);
}

describe('10x HDF5', () => {
  it.each(['10x_v2.h5', '10x_v3.h5', '10x_v3_antibodies.h5'])('reads %s', async (name) => {
    const logger = new RecordingLogger();
    const data = await open(`good/${name}`, logger);
    await expectAsStated(data!, name);
    expect(logger.warnings).toEqual([]);
    await data!.close();
  });

  it('takes the human genome of two, and says so', async () => {
    const logger = new RecordingLogger();
    const data = await open('good/10x_v2_two_genomes.h5', logger);
    await expectAsStated(data!, '10x_v2_two_genomes.h5');
    expect(logger.warnings).toHaveLength(1);
    expect(logger.warnings[0]).toMatch(/2 genomes.*hg19 is read/);
    await data!.close();
  });

  it('leaves other files alone', async () => {
    expect(await open('good/csr_f32_gzip.h5ad')).toBeNull();
    expect(await open('bad/loom_layout.h5ad')).toBeNull();
    expect(await open('bad/truncated_60pct.h5ad')).toBeNull();
  });

  it('names the missing barcodes', async () => {
    const error = await errorOf(open('bad/10x_missing_barcodes.h5'));
    expect(error.message).toMatch(/10x_missing_barcodes\.h5: matrix\/barcodes.*missing/);
  });

  it('refuses a count that float32 would round', async () => {
    const counts = {
      indptr: Float64Array.of(0, 1, 2),
      indices: Int32Array.of(0, 3),
      values: Int32Array.of(1, 0),
    };
    counts.values[1] = 2 ** 24;
    const fits = new Float32Rows(new CsrMatrix([2, 4], counts), 'x.h5: matrix');
    expect((await fits.rows(1, 2)).values).toEqual(Float32Array.of(2 ** 24));
    counts.values[1] = 2 ** 24 + 1;
    const error = await errorOf(fits.rows(0, 2));
    expect(error.message).toMatch(/16777217 in row 1, column 3/);
  });
});
