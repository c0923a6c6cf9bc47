/** @file Broader labels: probabilities summed by parent, and where each cell's label stops. */

import { describe, expect, it } from 'vitest';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { parentLabels, parentsOf, sureLabels } from '../../../../src/tasks/annotate/hierarchy.ts';

const classes = ['CD4 T', 'CD8 T', 'naive B', 'monocyte'];
const parents = { label: 'lineage', of: ['T', 'T', 'B', 'monocyte'] };

describe('parents of classes', () => {
  const labels = {
    name: 'type',
    groups: ['CD4 T', 'CD8 T', 'other'],
    codes: Int32Array.of(0, 0, 0, 1, 1, 2, -1),
  };

  it("are those of most of a class's cells, and a class without any is its own", () => {
    const lineage = { name: 'lineage', groups: ['B', 'T'], codes: Int32Array.of(1, 0, 1, 1, 1, -1, 0) };
    const logger = new RecordingLogger();
    expect(parentsOf(labels, lineage, logger)).toEqual({ label: 'lineage', of: ['T', 'T', 'other'] });
    expect(logger.warnings).toEqual([
      "cells of 'CD4 T' have several lineage: T (2), B (1); the first counts",
    ]);
  });

  it('have the summed probabilities of their classes', () => {
    const probabilities = Float32Array.of(0.3, 0.3, 0.4, 0, 0, 0, 0.25, 0.75, NaN, NaN, NaN, NaN);
    const found = parentLabels(probabilities, parents);
    expect(found.parents).toEqual(['T', 'B', 'monocyte']);
    expect([...found.codes]).toEqual([0, 2, -1]);
    expect(found.scores[0]).toBeCloseTo(0.6, 6);
    expect(found.scores[1]).toBeCloseTo(0.75, 6);
    expect(found.scores[2]).toBeNaN();
  });
});

describe('sure labels', () => {
  // a sure class, a sure parent, an unsure one, one too novel, one without genes, a class that is its own parent
  const probabilities = Float32Array.of(
    ...[0.9, 0.05, 0.05, 0],
    ...[0.5, 0.45, 0.05, 0],
    ...[0.4, 0.1, 0.3, 0.2],
    ...[0.5, 0.45, 0.05, 0],
    ...[NaN, NaN, NaN, NaN],
    ...[0, 0, 0.1, 0.9],
  );
  const labels = {
    codes: Int32Array.of(0, 0, 0, 0, -1, 3),
    unassigned: Uint8Array.of(0, 1, 1, 1, 1, 0),
    novelty: Float32Array.of(0, 2.4, 0, 2.6, NaN, 0),
    noveltyShift: 0.5,
  };
  const head = { threshold: 0.8, noveltyThreshold: 2 };
  const ofParents = parentLabels(probabilities, parents);
  const { names, codes, levels } = sureLabels(labels, ofParents, classes, head);

  it('are the class, else the parent, else none, and say which', () => {
    expect([...levels]).toEqual([0, 1, -1, -1, -1, 0]);
    expect(Array.from(codes, (code) => names[code])).toEqual([
      'CD4 T',
      'T',
      undefined,
      undefined,
      undefined,
      'monocyte',
    ]);
  });

  it('have each name once, also where a class is called as its parent', () => {
    expect(names).toEqual(['CD4 T', 'CD8 T', 'naive B', 'monocyte', 'T', 'B']);
  });
});
