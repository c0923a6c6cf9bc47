/** @file What a saved reference knows of itself survives saving; what is broken is named. */

import { describe, expect, it } from 'vitest';
import { AnnData, type DenseArray } from '../../../../src/single-cell/anndata.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import { referenceToSave, savedPanel, savedReference } from '../../../../src/tasks/map/saved-reference.ts';
import { smallReference, smallVocabulary, someCalibration } from './small-reference.ts';

const noThreshold = {
  ...someCalibration,
  score: Number.NEGATIVE_INFINITY,
  distance: Number.POSITIVE_INFINITY,
};
const calibrations = new Map([
  ['type', someCalibration],
  ['by/hand', noThreshold],
]);
const saved = () => referenceToSave(smallReference, calibrations, 15, smallVocabulary);

describe('a saved reference', () => {
  it('has labels, genes and embedding where scanpy looks for them', () => {
    const data = saved();
    expect([...data.obs.columns.keys()]).toEqual(['type', 'by/hand']);
    expect(data.obs.strings('type')).toEqual(['B', 'T', 'T']);
    expect(data.obs.strings('by/hand')).toEqual(['x', null, 'x']);
    expect(data.var.index).toEqual(['CD3D', 'LYZ']);
    expect((data.obsm.get('X_scGPT') as DenseArray).values).toEqual(smallReference.points.values);
    expect(data.X).toBeNull();
  });

  it('knows its columns, neighbours and thresholds, infinite ones too', () => {
    expect(savedReference(saved())).toEqual({ labels: ['type', 'by/hand'], neighbours: 15, calibrations });
    expect([...savedPanel(saved(), smallVocabulary)]).toEqual([...smallReference.tokens]);
  });

  it('is told from other data, and broken ones are refused', () => {
    expect(savedReference(new AnnData({ obs: new DataFrame(['c']), var: new DataFrame([]) }))).toBeNull();
    const data = saved();
    const record = data.uns.get('scgpt_reference');
    if (!(record instanceof Map)) throw new Error('no record');
    const held = record.get('held_out');
    if (held instanceof Map) held.set('0', new Map());
    expect(() => savedReference(data)).toThrow(/uns\/scgpt_reference.*not whole.*--save-reference/);
    record.delete('neighbours');
    expect(() => savedReference(data)).toThrow(/labels, neighbours and held_out/);
    const others = Vocabulary.fromTokens(['<pad>', '<cls>', '<eoc>', 'CD3D']);
    expect(() => savedPanel(saved(), others)).toThrow(/not 'LYZ'/);
  });
});
