import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import type { Place } from './fleet.ts';
import { until } from './until.ts';

/** Addresses of the machines; the network exists in these namespaces alone. */
const SUBNET = '10.77.0';
/** What a machine calls its network card. */
const CARD = 'eth0';
const DELAY_RELAY = path.join(import.meta.dirname, 'delayRelay.ts');

/**
 * Machines in network namespaces of their own on one switch, a bridge in a namespace of its own: nothing of it
 * is seen from outside, and all of it goes when the namespaces do. Needs root on Linux, iproute2, iptables and socat.
 */
export class Network {
  private readonly prefix = `vigil-${process.pid}`;
  private readonly switch = `${this.prefix}-switch`;
  private readonly folder: string;
  private readonly machines: string[] = [];
  private readonly relays: ChildProcess[] = [];

  /** `folder` is for the sockets that lead to the machines' APIs. */
  constructor(folder: string) {
    this.folder = folder;
    ip('netns', 'add', this.switch);
    ip('-n', this.switch, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.switch, 'link', 'set', 'br0', 'up');
  }

  /** A machine on the switch. */
  machine(name: string): Place {
    const space = this.space(name);
    const number = this.machines.push(name);
    ip('netns', 'add', space);
    ip(
      ...['link', 'add', CARD, 'netns', space, 'type', 'veth'],
      ...['peer', 'name', port(number), 'netns', this.switch],
    );
    ip('-n', this.switch, 'link', 'set', port(number), 'master', 'br0', 'up');
    ip('-n', space, 'address', 'add', `${SUBNET}.${number}/24`, 'dev', CARD);
    ip('-n', space, 'link', 'set', 'lo', 'up');
    ip('-n', space, 'link', 'set', CARD, 'up');
    return {
      within: ['ip', 'netns', 'exec', space],
      address: this.addressOf(name),
      reach: (url) => this.relay(name, new URL(url).port),
    };
  }

  addressOf(name: string): string {
    return `${SUBNET}.${this.machines.indexOf(name) + 1}`;
  }

  /** Pulls the cable of a machine, or puts it in again. */
  cable(name: string, state: 'up' | 'down'): void {
    ip('-n', this.switch, 'link', 'set', port(this.machines.indexOf(name) + 1), state);
  }

  /** The machine hears nothing any more, but is heard. */
  deafen(name: string): void {
    this.iptables(name, '-A', 'INPUT', '-i', CARD, '-j', 'DROP');
  }

  /** So many of the packets that come to the machine are lost, 0–1. */
  lose(name: string, share: number): void {
    const chance = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
    this.iptables(name, '-A', 'INPUT', '-i', CARD, ...chance, '-j', 'DROP');
  }

  /** Loses no packets any more. */
  clear(name: string): void {
    this.iptables(name, '-F');
  }

  /** Passes on what comes to a port of the machine to a port of its loopback, `delayMs` later each way. */
  async delay(name: string, at: number, to: number, delayMs: number): Promise<void> {
    const args = [this.addressOf(name), at, '127.0.0.1', to, delayMs].map(String);
    const relay = spawn(
      'ip',
      ['netns', 'exec', this.space(name), process.execPath, DELAY_RELAY, ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.relays.push(relay);
    await once(relay.stdout, 'data');
  }

  /** Takes the whole network away. */
  remove(): void {
    for (const relay of this.relays) relay.kill('SIGKILL');
    for (const space of [...this.machines.map((name) => this.space(name)), this.switch])
      ip('netns', 'delete', space);
  }

  /** A socket here that leads to a port of the machine's loopback: files are the same in all namespaces. */
  private async relay(name: string, to: string): Promise<string> {
    const socket = path.join(this.folder, `${name}-${to}.socket`);
    const relay = spawn(
      'ip',
      [
        ...['netns', 'exec', this.space(name), 'socat'],
        ...[`UNIX-LISTEN:${socket},fork,unlink-early`, `TCP:127.0.0.1:${to}`],
      ],
      { stdio: 'ignore' },
    );
    this.relays.push(relay);
    await until(`a socket leads to ${name}`, async () => {
      const link = connect(socket);
      await once(link, 'connect');
      link.destroy();
      return true;
    });
    return socket;
  }

  private iptables(name: string, ...args: readonly string[]): void {
    ip('netns', 'exec', this.space(name), 'iptables', ...args);
  }

  private space(name: string): string {
    return `${this.prefix}-${name}`;
  }
}

/** What the switch calls the end of a machine's cable. */
function port(number: number): string {
  return `port${number}`;
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
