// A node that has a long log and waits for one that wants it; it appends as many events as it is told to.
import { createServer } from 'node:net';
import { EventStore } from '../electron/store/store.ts';
import { NodeId, ProjectId, taskId } from '../shared/model/ids.ts';
import { replicate, SocketLinks, type Keys } from './logsPeer.ts';

const [home = '', keys = '', reader = ''] = process.argv.slice(2);
const pair = JSON.parse(keys) as Keys;
const store = EventStore.open(home, null);
const server = createServer((socket) => {
  replicate(store, new SocketLinks(socket, NodeId.parse(reader)), pair);
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.on('message', (sentAtMs: number) => {
  const project = ProjectId.parse('bench');
  store.append(
    [{ type: 'task.cancelled', task: taskId(1), project, who: 'bench', reason: String(sentAtMs) }],
    Date.now(),
  );
  void store.flush();
});
process.on('disconnect', () => process.exit(0));
