/** @file An ONNX model as plain data, and its encoding (field numbers of onnx.proto, IR version 9). */

import type { TensorDtype } from '../../support/tensor.ts';
import type { Shape } from '../shape.ts';
import { Message } from './protobuf.ts';

/** Values an attribute of a node may have. Integers must be given as `{ int }`, because 1 and 1.0 differ in ONNX. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] };

export interface OnnxNode {
  readonly operator: string;
  /** Empty for standard ONNX, `com.microsoft` for ONNX Runtime's own operators. */
  readonly domain: string;
  /** An empty name leaves an optional input or output out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensorType {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: Shape;
}

/** A weight or constant: its little-endian bytes, or where they lie in a file given to the session beside the model. */
export interface OnnxInitializer extends OnnxTensorType {
  readonly shape: readonly number[];
  readonly content:
    | Uint8Array
    | { readonly location: string; readonly offset: number; readonly length: number };
}

export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxTensorType[];
  readonly outputs: readonly OnnxTensorType[];
  /** Key and value pairs kept in the file for people. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Standard operators are those of opset 17 (LayerNormalization came with it). */
const opsetVersion = 17;
const irVersion = 9;

const elementTypes: Record<TensorDtype, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/** Encodes a model. The parts refer to the initializers' bytes: nothing large is copied. */
export function encodeModel(model: OnnxModel): readonly Uint8Array[] {
  const graph = new Message();
  for (const node of model.nodes) graph.message(1, encodeNode(node));
  graph.text(2, model.name);
  for (const initializer of model.initializers) graph.message(5, encodeInitializer(initializer));
  for (const input of model.inputs) graph.message(11, encodeTensorType(input));
  for (const output of model.outputs) graph.message(12, encodeTensorType(output));

  const domains = new Set(['', ...model.nodes.map((node) => node.domain)]);
  const file = new Message().integer(1, irVersion).text(2, 'scgpt').message(7, graph);
  for (const domain of domains) {
    file.message(8, new Message().text(1, domain).integer(2, domain === '' ? opsetVersion : 1));
  }
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    file.message(14, new Message().text(1, key).text(2, value));
  }
  return file.parts;
}

function encodeNode(node: OnnxNode): Message {
  const message = new Message();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes))
    message.message(5, encodeAttribute(name, value));
  return message.text(7, node.domain);
}

function encodeAttribute(name: string, value: OnnxAttribute): Message {
  const message = new Message().text(1, name);
  if ('int' in value) return message.integer(3, value.int).integer(20, 2);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  if ('text' in value) return message.text(4, value.text).integer(20, 3);
  return message.integers(8, value.ints).integer(20, 7);
}

function encodeInitializer({ name, dtype, shape, content }: OnnxInitializer): Message {
  const message = new Message().integers(1, shape).integer(2, elementTypes[dtype]).text(8, name);
  if (content instanceof Uint8Array) return message.bytes(9, content);
  const entries = {
    location: content.location,
    offset: String(content.offset),
    length: String(content.length),
  };
  for (const [key, value] of Object.entries(entries))
    message.message(13, new Message().text(1, key).text(2, value));
  return message.integer(14, 1);
}

function encodeTensorType({ name, dtype, shape }: OnnxTensorType): Message {
  const dims = new Message();
  for (const dim of shape) {
    dims.message(1, typeof dim === 'number' ? new Message().integer(1, dim) : new Message().text(2, dim));
  }
  const tensor = new Message().integer(1, elementTypes[dtype]).message(2, dims);
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}
