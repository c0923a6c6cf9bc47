/** @file Undoes what tools do to gene names: quotes, odd hyphens, genome prefixes, dots for hyphens, copy numbers. */

import { isCloneName, withoutHumanGenome } from './patterns.ts';

/** What had to be undone before a name was found. */
export type SpellingStep = 'cleaned' | 'prefix_removed' | 'dots_were_hyphens' | 'suffix_removed';

/** A name a decorated one may stand for. */
export interface Spelling {
  readonly name: string;
  /** The first thing undone. */
  readonly step: SpellingStep;
  /** Whether a copy's number was cut off: then only an exact name will do, since `PD-1` is no copy of `PD`. */
  readonly cut: boolean;
}

/** Spaces, quotes and byte-order marks removed; typographic hyphens made plain. */
function cleaned(name: string): string {
  return name
    .replace(/[\u200b\ufeff]/g, '')
    .replace(/^[\s"'`]+|[\s"'`]+$/g, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-');
}

/** Without the number that made a repeated name unique: `CD3D-1`, `CD3D.1`, R's `CD3D..1.`; clone names keep theirs. */
function withoutCopyNumber(name: string): string | undefined {
  if (isCloneName(name)) return undefined;
  const match = /^(.+?)(?:\.\.\d{1,3}\.|[-.]\d{1,3})$/.exec(name);
  return match?.[1];
}

/** The names a decorated one may stand for, likeliest first. Each differs from the name itself. */
export function spellings(name: string): Spelling[] {
  const found: Spelling[] = [];
  const add = (candidate: string | undefined, step: SpellingStep, cut: boolean) => {
    if (candidate === undefined || candidate === '' || candidate === name) return;
    if (found.every((spelling) => spelling.name !== candidate)) found.push({ name: candidate, step, cut });
  };
  const clean = cleaned(name);
  const bare = withoutHumanGenome(clean) ?? clean;
  const hyphened = bare.replaceAll('.', '-');
  const outer = clean !== name ? 'cleaned' : bare !== clean ? 'prefix_removed' : undefined;

  add(clean, 'cleaned', false);
  add(bare, outer ?? 'prefix_removed', false);
  add(bare.replaceAll('_', '-'), outer ?? 'cleaned', false);
  add(hyphened, outer ?? 'dots_were_hyphens', false);
  add(withoutCopyNumber(bare), outer ?? 'suffix_removed', true);
  if (hyphened !== bare && !isCloneName(bare))
    add(withoutCopyNumber(hyphened), outer ?? 'dots_were_hyphens', true);
  return found;
}
