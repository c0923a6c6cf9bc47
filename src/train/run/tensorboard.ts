/** @file The records of TensorBoard's event files: TensorFlow's Event message in its TFRecord framing. */

import { concatenate, Message } from '../../graph/onnx/protobuf.ts';
import { crc32c } from './crc32c.ts';
import type { MetricsRecord } from './metrics.ts';

/** Field numbers of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto. */
const eventField = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const summaryField = { value: 1 } as const;
const valueField = { tag: 1, simpleValue: 2 } as const;
const sessionLogField = { status: 1 } as const;
const sessionStart = 1;

const fileVersion = 'brain.Event:2';

/**
 * What an event file starts with.
 *
 * @param wallTime seconds since 1970
 */
export function fileHeader(wallTime: number): Uint8Array {
  return framed(
    new Message().double(eventField.wallTime, wallTime).text(eventField.fileVersion, fileVersion),
  );
}

/**
 * Tells a TensorBoard that is already showing the run that it goes on from here: what it has read of this step and
 * later ones is dropped.
 *
 * @param wallTime seconds since 1970
 * @param step the first step that is done anew
 */
export function sessionStarted(wallTime: number, step: number): Uint8Array {
  return framed(
    new Message()
      .double(eventField.wallTime, wallTime)
      .integer(eventField.step, step)
      .message(eventField.sessionLog, new Message().integer(sessionLogField.status, sessionStart)),
  );
}

/**
 * The numbers of one record as scalars, tagged `train/loss`, `validation/loss` and so on. They are rounded to
 * float32, as TensorBoard's scalars are.
 *
 * @param wallTime seconds since 1970
 */
export function scalars(wallTime: number, { step, split, values }: MetricsRecord): Uint8Array {
  const summary = new Message();
  for (const [name, value] of Object.entries(values)) {
    const scalar = new Message()
      .text(valueField.tag, `${split}/${name}`)
      .float(valueField.simpleValue, value);
    summary.message(summaryField.value, scalar);
  }
  return framed(
    new Message()
      .double(eventField.wallTime, wallTime)
      .integer(eventField.step, step)
      .message(eventField.summary, summary),
  );
}

/** Length, its checksum, the message, its checksum: all little-endian. */
function framed(message: Message): Uint8Array {
  const content = concatenate(message.parts);
  const record = new Uint8Array(12 + content.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(content, 12);
  view.setUint32(12 + content.length, masked(crc32c(content)), true);
  return record;
}

/** A checksum as TFRecord stores it: rotated by 15 bits and shifted, so that a record of records has another one. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
