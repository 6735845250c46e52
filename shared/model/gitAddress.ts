/**
 * Where git on this machine reaches another node's clone of a project. Good for as long as the node runs;
 * it is of one machine and never recorded.
 */
export interface GitAddress {
  /** On this machine's loopback. */
  readonly url: string;
  /** Value of the `Authorization` header. Not part of the URL, which every user of the machine sees in `ps`. */
  readonly authorization: string;
}
