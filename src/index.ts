/** @file The public API: everything a program may import from `scgpt`. */

export {
  CancelledError,
  CheckpointError,
  DeviceError,
  GraphError,
  InputError,
  isScgptError,
  OutputError,
  ScgptError,
  UsageError,
} from './support/errors.ts';
