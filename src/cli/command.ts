/** @file A command of the program: declared as data, run with validated options, ended with a summary or one clear message. */

import type { Command } from 'commander';
import type { Logger } from '../support/log.ts';
import type { RunControl } from '../support/progress.ts';
import { describeFailure } from './failures.ts';
import { addOptions, commonOptions, type OptionTable, type OptionValues, readOptions } from './options.ts';
import { Terminal } from './terminal.ts';

/** What a command may use besides its options. */
export interface CommandContext extends Required<RunControl> {
  readonly logger: Logger;
  /** The command as it was typed, for reports. */
  readonly command: string;
}

/** What a command tells on stdout when it is done. */
export interface Summary {
  readonly text: string;
  readonly json: unknown;
}

/** One command. `run` imports what it needs itself, so that help and errors come at once. */
export interface CommandDeclaration<Table extends OptionTable> {
  readonly name: string;
  readonly description: string;
  /** Positional arguments as commander writes them, with their meaning. */
  readonly operands: readonly (readonly [syntax: string, meaning: string])[];
  readonly options: Table;
  readonly examples: readonly string[];
  run(
    operands: readonly string[],
    options: OptionValues<Table & typeof commonOptions>,
    context: CommandContext,
  ): Promise<Summary>;
}

/** Adds a command to the program. */
export function addCommand<Table extends OptionTable>(
  program: Command,
  declaration: CommandDeclaration<Table>,
): void {
  const command = program.command(declaration.name).description(declaration.description);
  for (const [syntax, meaning] of declaration.operands) command.argument(syntax, meaning);
  addOptions(command, declaration.options);
  addOptions(command, commonOptions, 'Common options:');
  command.addHelpText(
    'after',
    `\nExamples:\n${declaration.examples.map((line) => `  $ ${line}`).join('\n')}`,
  );
  command.action(async (...received: unknown[]) => {
    const operands = received
      .slice(0, -2)
      .flat()
      .filter((value) => value !== undefined) as string[];
    process.exitCode = await execute(declaration, operands, command.opts());
  });
}

/**
 * Adds a group whose commands are typed after its name, such as `grn programs`; they are added to what it returns.
 * Typed alone, the group shows its help.
 */
export function addGroup(program: Command, name: string, description: string): Command {
  return program.command(name).description(description);
}

async function execute<Table extends OptionTable>(
  declaration: CommandDeclaration<Table>,
  operands: readonly string[],
  typed: Readonly<Record<string, unknown>>,
): Promise<number> {
  const terminal = new Terminal({ quiet: typed.quiet === true, verbose: typed.verbose === true });
  const interrupt = new AbortController();
  const onInterrupt = () => {
    if (interrupt.signal.aborted) process.exit(130); // a second Ctrl-C does not wait
    terminal.endLine();
    terminal.warning('stopping; press Ctrl-C again to stop at once');
    interrupt.abort();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    const options = await readOptions({ ...declaration.options, ...commonOptions }, typed);
    const summary = await declaration.run(operands, options, {
      logger: terminal,
      onProgress: terminal.onProgress,
      signal: interrupt.signal,
      command: `scgpt ${process.argv.slice(2).map(quoted).join(' ')}`,
    });
    terminal.endLine();
    process.stdout.write(options.json ? `${JSON.stringify(summary.json, null, 2)}\n` : `${summary.text}\n`);
    return 0;
  } catch (error) {
    terminal.endLine();
    const failure = describeFailure(error, typed.verbose === true);
    process.stderr.write(`${failure.message}\n`);
    return failure.exitCode;
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
