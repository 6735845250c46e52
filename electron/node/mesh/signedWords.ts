import {
  compareStamps,
  HUMAN_WORDS,
  SignedValue,
  type Register,
  type Stamp,
} from '../../../shared/model/register.ts';
import type { NodeId, TaskId } from '../../../shared/model/ids.ts';
import type { RegisterDocument } from '../../mesh/document/registerDocument.ts';

/** The settings of the fleet, by humans' words. */
export const SETTINGS = 'policy/fleet';

/** A place in the own log. */
export type Place = Pick<Stamp, 'seq' | 'clock'>;

export interface SignedWordsOptions {
  readonly document: RegisterDocument;
  readonly sign: (value: unknown) => string;
  readonly verify: (node: NodeId, value: unknown, signature: string) => boolean;
  /** A register that can't be read or was not signed by its writer. */
  readonly refused: (register: Register, why: string) => void;
}

/**
 * The registers that hold what humans said: signed, together with the place that they are said at, by the node at
 * which they did, and read only when they are. Others count for nothing, and hide nothing.
 */
export class SignedWords {
  private readonly options: SignedWordsOptions;
  private readonly document: RegisterDocument;
  /** The settings of the fleet as they were found to be signed: each is read again when another changes. */
  private readonly believed = new Map<string, string>();

  constructor(options: SignedWordsOptions) {
    this.options = options;
    this.document = options.document;
  }

  put(stamp: Place, entity: string, name: string, value: unknown): void {
    const signature = this.options.sign([entity, name, stamp.seq, stamp.clock, value]);
    this.document.put(entity, name, stamp, { value, signature });
  }

  /** Checks all again: what a node may write has changed. */
  forget(): void {
    this.believed.clear();
  }

  /** The last (or first) value of this name that its writer has signed; undefined when there is none. */
  read(entity: string, name: string, which: 'first' | 'last' = 'last'): unknown {
    const order = which === 'last' ? -1 : 1;
    const registers = this.document
      .readAll(entity)
      .filter((register) => register.name === name)
      .toSorted((a, b) => order * compareStamps(a.stamp, b.stamp));
    // A signature takes a tenth of a ms to check, and those beyond the first good one are not asked for.
    for (const register of registers) {
      const plain = this.open(register);
      if (plain) return plain.value;
    }
    return undefined;
  }

  /** The signatures of all that a node has said, as far as it counts. */
  signaturesOf(node: NodeId): string[] {
    return this.document.entities().flatMap((entity) =>
      this.document.readAll(entity).flatMap((register) => {
        if (register.stamp.node !== node) return [];
        const { data } = SignedValue.safeParse(register.value);
        return data && this.open(register) ? [data.signature] : [];
      }),
    );
  }

  /** What is said of a task, with the words of humans that their nodes have signed. */
  ofTask(id: TaskId): Register[] {
    const entity = `task/${id}`;
    const isWord = ({ name }: Register) => HUMAN_WORDS.has(name);
    const words = this.document.readAll(entity).filter(isWord);
    return [
      ...this.document.read(entity).filter((each) => !isWord(each)),
      ...words.flatMap((each) => this.open(each) ?? []),
    ];
  }

  /** A register with what its writer signed; null, and told, when it did not. */
  private open(register: Register): Register | null {
    const { entity, name, stamp } = register;
    const parsed = SignedValue.safeParse(register.value);
    const { value, signature } = parsed.data ?? { value: null, signature: '' };
    const text = [entity, name, stamp.seq, stamp.clock, value];
    const said = JSON.stringify(register);
    if (this.believed.get(name) === said) return { ...register, value };
    if (parsed.success && this.options.verify(stamp.node, text, signature)) {
      if (entity === SETTINGS) this.believed.set(name, said);
      return { ...register, value };
    }
    this.options.refused(register, 'its writer did not sign it');
    return null;
  }
}
