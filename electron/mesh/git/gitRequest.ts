import { ProjectId } from '../../../shared/model/ids.ts';

/** The requests of git's smart HTTP. Everything else, such as reading files of the repository, is refused. */
export interface GitRequest {
  readonly project: ProjectId;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  readonly method: 'GET' | 'POST';
  /** Below the repository, with a leading slash. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

const ADVERTISEMENT =
  /^\/git\/(?<project>[^/?]+)(?<path>\/info\/refs)\?(?<query>service=(?<service>git-(?:upload|receive)-pack))$/;
const EXCHANGE = /^\/git\/(?<project>[^/?]+)(?<path>\/(?<service>git-(?:upload|receive)-pack))$/;

/** Reads method and URL of a request (`/git/<project>/…`); null when git would not ask so. */
export function parseGitRequest(method = '', url = ''): GitRequest | null {
  if (method !== 'GET' && method !== 'POST') return null;
  const groups = (method === 'GET' ? ADVERTISEMENT : EXCHANGE).exec(url)?.groups;
  const project = ProjectId.safeParse(groups?.['project']);
  if (!groups || !project.success) return null;
  return {
    project: project.data,
    service: groups['service'] === 'git-receive-pack' ? 'git-receive-pack' : 'git-upload-pack',
    method,
    path: groups['path'] ?? '',
    query: groups['query'] ?? '',
  };
}
