import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers';

/** `node delayRelay.ts HOST PORT TO-HOST TO-PORT MS`: passes TCP on, so much later each way. Says a line when it listens. */
const [host = '', port = '', toHost = '', toPort = '', ms = ''] = process.argv.slice(2);
const delayMs = Number(ms);

createServer({ allowHalfOpen: true }, (from) => {
  const to = connect({ host: toHost, port: Number(toPort), allowHalfOpen: true });
  pass(from, to);
  pass(to, from);
})
  .listen(Number(port), host)
  .on('listening', () => console.log('listening'));

/** As a long cable: what goes in comes out later, in order, and nothing of it is held back for what is behind. */
function pass(from: Socket, to: Socket): void {
  from.on('data', (data) => void after(() => to.write(data), delayMs));
  from.on('end', () => void after(() => to.end(), delayMs));
  from.on('close', () => void after(() => to.destroy(), delayMs));
  from.on('error', () => undefined);
}
