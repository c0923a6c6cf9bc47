/** @file Options of a command, declared once: flags and help for the terminal, a schema with defaults for validation. */

import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { UsageError } from '../support/errors.ts';

/** One option: how it is typed, what it means, what it may be. Its default lives in the schema alone. */
export interface OptionDeclaration<Schema extends z.ZodType = z.ZodType> {
  readonly flags: string;
  readonly help: string;
  readonly schema: Schema;
}

/** Options by their name in config files and in code. */
export type OptionTable = Readonly<Record<string, OptionDeclaration>>;

/** The validated values of a table. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: z.output<Table[Name]['schema']>;
};

/** Declares an option, keeping its schema's type. */
export function option<Schema extends z.ZodType>(
  flags: string,
  help: string,
  schema: Schema,
): OptionDeclaration<Schema> {
  return { flags, help, schema };
}

/** A flag that is off unless given. */
export const flag = (flags: string, help: string) => option(flags, help, z.boolean().default(false));

function defaultText(schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined || parsed.data === false || parsed.data === true)
    return '';
  return ` (default: ${parsed.data})`;
}

/** Adds a table's options to a command under a heading of its help. */
export function addOptions(command: Command, table: OptionTable, heading = 'Options:'): Command {
  command.optionsGroup(heading);
  for (const declaration of Object.values(table)) {
    command.addOption(new Option(declaration.flags, declaration.help + defaultText(declaration.schema)));
  }
  return command;
}

/** `max-length`, as it is typed, is `maxLength`. */
function asInCode(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError({
      what: 'the config file cannot be read',
      where: path,
      advice: 'Check the path given to --config',
      cause,
    });
  }
  try {
    const { parse } = await import('yaml');
    const parsed: unknown = path.endsWith('.json') ? JSON.parse(text) : parse(text);
    const options = z.record(z.string(), z.unknown()).parse(parsed ?? {});
    return Object.fromEntries(Object.entries(options).map(([name, value]) => [asInCode(name), value]));
  } catch (cause) {
    throw new UsageError({
      what: `the config file is not a table of options: ${firstLine(cause)}`,
      where: path,
      expected: 'JSON or YAML such as `maxLength: 1200`',
      cause,
    });
  }
}

/** What a parser complains of, without the excerpt some add. */
function firstLine(error: unknown): string {
  if (error instanceof z.ZodError) return 'it has no names of options';
  return String(error instanceof Error ? error.message : error)
    .split('\n')[0]
    .replace(/:$/, '');
}

/**
 * Validates what was typed together with the config file (`--config`); the command line wins. Unknown keys are errors.
 *
 * @throws UsageError naming every option that does not fit and what would
 */
export async function readOptions<Table extends OptionTable>(
  table: Table,
  typed: Readonly<Record<string, unknown>>,
): Promise<OptionValues<Table>> {
  const config = typeof typed.config === 'string' ? await readConfig(typed.config) : {};
  const known = Object.keys(table);
  const unknown = Object.keys(config).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError({
      what: `the config file has unknown options: ${unknown.join(', ')}`,
      where: String(typed.config),
      expected: `some of ${known.filter((name) => name !== 'config').join(', ')}`,
    });
  }
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, declaration] of Object.entries(table)) {
    const parsed = declaration.schema.safeParse(typed[name] ?? config[name]);
    if (parsed.success) values[name] = parsed.data;
    else {
      const long = declaration.flags.match(/--[\w-]+/)?.[0] ?? name;
      problems.push(`${long}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`);
    }
  }
  if (problems.length > 0) throw new UsageError({ what: problems.join('. '), advice: 'See --help' });
  return values as OptionValues<Table>;
}

/** A whole number typed as text, at least `minimum`. */
export const wholeNumber = (minimum: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(minimum, `must be at least ${minimum}`);

/** A size such as `4GB`, `800 MB` or a number of bytes, as bytes. */
export const byteSize = z.union([z.number(), z.string()]).transform((value, context) => {
  const match = /^\s*([\d.]+)\s*([kmgt]?)i?b?\s*$/i.exec(String(value));
  const factor = 1024 ** ['', 'k', 'm', 'g', 't'].indexOf(match?.[2]?.toLowerCase() ?? '');
  const bytes = match === null ? Number.NaN : Number(match[1]) * factor;
  if (!(bytes > 0)) {
    context.addIssue({ code: 'custom', message: `must be a size such as 4GB, got ${value}` });
    return z.NEVER;
  }
  return bytes;
});

/** Options every command has. */
export const commonOptions = {
  config: option(
    '--config <file>',
    'options from a JSON or YAML file; the command line wins',
    z.string().optional(),
  ),
  json: flag('--json', 'print the summary as JSON'),
  quiet: flag('--quiet', 'no progress, only warnings'),
  verbose: flag('--verbose', 'more messages, and stack traces of failures'),
} satisfies OptionTable;

/** Numbers typed as text. */
export const number = z.coerce.number('must be a number');
export const positive = number.gt(0, 'must be above 0');
/** A weight of something beside other things. */
export const weight = number.min(0, 'must be at least 0');
export const share = weight.lt(1, 'must be below 1');

/** Of everything that is drawn at random. */
export const seedOption = option('--seed <n>', 'seed of all that is drawn', wholeNumber(0).default(0));

/** Options of commands that run a model. */
export const deviceOptions = {
  device: option(
    '--device <name>',
    'where to compute: auto, cpu, webgpu, cuda or wasm',
    z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'wasm']).default('auto'),
  ),
  threads: option('--threads <n>', 'processor threads (default: all cores)', wholeNumber(1).optional()),
} satisfies OptionTable;

/** Which model is used. */
export const modelOptions = {
  model: option(
    '-m, --model <folder>',
    'model folder, official or ours (default: the bundled model)',
    z.string().optional(),
  ),
  allowPartial: flag('--allow-partial', 'accept a checkpoint with missing or misshapen core weights'),
} satisfies OptionTable;

/** Where cells' values and gene names are. */
export const cellSourceOptions = {
  layer: option('--layer <name>', 'layer to read instead of X; `raw` reads adata.raw', z.string().optional()),
  geneColumn: option(
    '--gene-column <name>',
    'var column with gene names, or `index` (default: the best matching)',
    z.string().optional(),
  ),
  organism: option(
    '--organism <name>',
    'human, or mouse to map genes through orthologues',
    z.enum(['human', 'mouse']).default('human'),
  ),
  geneMatching: option(
    '--gene-matching <how>',
    'any: by every name a gene has had; exact: as in the vocabulary only, as the Python reference does',
    z.enum(['any', 'exact']).default('any'),
  ),
} satisfies OptionTable;

/** What is written for people to look at. */
export const reportOptions = {
  report: option('--report <file>', 'write an HTML report', z.string().optional()),
  figures: option('--figures <folder>', "write the report's figures as SVG and PNG", z.string().optional()),
} satisfies OptionTable;

/** One name or several, as a list. */
export const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);

/** When a label is withheld. */
export const rejectOption = option(
  '--reject <how>',
  'auto: leave cells unassigned by thresholds learnt on held-out reference cells; off; or the least score, 0 to 1',
  z
    .union(
      [z.enum(['auto', 'off']), z.coerce.number().min(0).max(1)],
      'must be auto, off or a number from 0 to 1',
    )
    .default('auto'),
);

/** Where the data with the results are written. */
export const outputOption = option(
  '-o, --output <file>',
  'where to write: .h5ad or .zarr',
  z.string('is required'),
);

export const forceOption = flag('--force', 'overwrite existing outputs');

/** The operand of commands that take one or several files of cells. */
export const cellFiles = (name: string): readonly [syntax: string, meaning: string] => [
  `<${name}...>`,
  'h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv; several are joined on genes',
];

/** The column that tells those files apart. */
export const filesKeyOption = (files: string) =>
  option('--batch-key <name>', `obs column that tells several ${files} apart`, z.string().default('batch'));

/** How much is embedded at a time. */
export const embeddingSizeOptions = {
  batchSize: option(
    '--batch-size <cells>',
    'cells per batch, or auto; changes speed and memory, never the result',
    z
      .union([z.literal('auto'), wholeNumber(1)], 'must be auto or a whole number of at least 1')
      .default('auto'),
  ),
  memory: option(
    '--memory <size>',
    'upper bound for --batch-size auto, such as 4GB (default: half of free memory)',
    byteSize.optional(),
  ),
} satisfies OptionTable;
