import * as Y from 'yjs';
import type { RegisterDocument } from '../../electron/mesh/document/registerDocument.ts';
import { NodeId } from '../../shared/model/ids.ts';
import { HUMAN_WORDS, SignedValue, type Register } from '../../shared/model/register.ts';

/**
 * The registers that a document holds, read from its bytes and not through its index: also those that
 * readers are to pass over, such as what a revoked node wrote later.
 */
function rawRegisters(document: RegisterDocument): Register[] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, document.encode());
  return [...doc.share.keys()].flatMap((writer) =>
    doc
      .getArray<Uint8Array>(writer)
      .toArray()
      .map((bytes) => parse(bytes, NodeId.parse(writer))),
  );
}

/** By entity, of each name and writer the newest up to where its writer's word counts. */
export function countedRegisters(
  document: RegisterDocument,
  counts: (register: Register) => boolean,
): Map<string, Register[]> {
  const newest = new Map<string, Map<string, Register>>();
  for (const register of rawRegisters(document)) {
    const { entity, name, stamp } = register;
    if (!counts(register)) continue;
    const named = newest.get(entity) ?? new Map<string, Register>();
    newest.set(entity, named);
    const key = `${name}/${stamp.node}`;
    if ((named.get(key)?.stamp.seq ?? -1) <= stamp.seq) named.set(key, register);
  }
  return new Map([...newest].map(([entity, named]) => [entity, [...named.values()]]));
}

/** The registers among parts of an update that one node wrote. */
export function registersIn(
  structs: readonly (Y.Item | Y.GC | Y.Skip)[],
  writer: NodeId,
): Register[] {
  return structs.flatMap((struct) => {
    const content = struct instanceof Y.Item ? struct.content : null;
    return content instanceof Y.ContentBinary ? [parse(content.content, writer)] : [];
  });
}

function parse(bytes: Uint8Array, node: NodeId): Register {
  const text = new TextDecoder().decode(bytes);
  const [entity, name, seq, clock, value] = JSON.parse(text) as [
    string,
    string,
    number,
    number,
    unknown,
  ];
  // What a human said is in an envelope, which those who count it open.
  const plain = HUMAN_WORDS.has(name) ? SignedValue.parse(value).value : value;
  return { entity, name, stamp: { node, seq, clock }, value: plain };
}
