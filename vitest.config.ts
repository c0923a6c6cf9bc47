import { defineConfig } from 'vitest/config';

/** One project per need, so that each can be run, timed and skipped alone: `npx vitest --project unit`. */
const project = (name: string, timeout: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: timeout,
    globalSetup,
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/reporter.ts'],
    projects: [
      project('unit', 20_000), // plain TypeScript
      project('engine', 60_000), // ONNX Runtime on the CPU
      project('command', 120_000, ['test/command/build.ts']), // the built command line, as a user runs it
      project('python', 120_000), // Debian's python3-anndata
      project('browser', 120_000), // Debian's chromium
    ],
  },
});
