import type { NodeId, TaskId } from '../../../shared/model/ids.ts';
import type { ExplanationView } from '../../../shared/model/explanationApi.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import type { AttemptFile } from '../attemptFiles.ts';

/** What people do with the mesh; the API and the command line are clients of this. */
export interface MeshControl {
  /** Every node that is or was heard of, this one first. */
  nodes(): NodeView[];
  /** One line that lets one machine in, and until when, ms since the epoch. Rejects as `Mesh.invite`. */
  invite(): Promise<{ readonly line: string; readonly untilMs: number }>;
  /** Joins the mesh that a line is for. Rejects as `Mesh.join`. */
  join(line: string): Promise<{ readonly node: NodeId; readonly inviter: string }>;
  /** Has a node finish what runs and take nothing new, or take work again. Durable when it resolves. */
  drain(node: NodeId, on: boolean, who: string): Promise<void>;
  /** Puts a node out, now and everywhere. Rejects as `Members.revoke`. */
  revoke(node: NodeId, who: string): Promise<void>;
  /** What an attempt left on another node; null when it has nothing. Rejects as `fetchAttemptFile`. */
  attemptFile(node: NodeId, file: AttemptFile): Promise<Buffer | null>;
  /** As `fetchStory`, of the nodes whose copies of the logs are fuller than those here. */
  story(task: TaskId): Promise<ExplanationView | null>;
  /** Leaves the mesh: this node goes on alone with what it has. */
  leave(who: string): Promise<void>;
}
