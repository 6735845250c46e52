import { createHash } from 'node:crypto';
import { Bonjour, type Browser } from 'bonjour-service';
import type { DeviceId } from '../../../shared/model/device.ts';
import { formatAddress } from '../link/address.ts';

const TYPE = 'vigil';
const HASH_CHARS = 20;

/**
 * Finds members on the same network by multicast DNS. What is told to everybody there is a port and a hash
 * of the device id: it says something only to who knows the id already.
 */
export class Mdns {
  private readonly bonjour: Bonjour;
  private readonly browser: Browser;
  private isBroken = false;

  /** Trouble is told once: members are then found without it. */
  constructor(device: DeviceId, port: number, onTrouble: (reason: string) => void) {
    this.bonjour = new Bonjour({}, (error: Error) => {
      if (this.isBroken) return;
      this.isBroken = true;
      onTrouble(`multicast DNS does not work here: ${error.message}`);
    });
    const name = deviceHash(device);
    // Unprobed: the name is a hash of a key, nobody else has it.
    this.bonjour.publish({ name, type: TYPE, port, probe: false, txt: { device: name } });
    this.browser = this.bonjour.find({ type: TYPE });
  }

  /** Where a device says that it is; asks the network again for the next time. */
  addressesOf(device: DeviceId): string[] {
    this.browser.update();
    const name = deviceHash(device);
    return this.browser.services
      .filter((service) => service.name === name)
      .flatMap(({ addresses, port }) =>
        (addresses ?? [])
          .filter((address) => !/^fe80:/i.test(address))
          .map((address) => formatAddress(address, port)),
      );
  }

  async stop(): Promise<void> {
    this.browser.stop();
    await new Promise<void>((resolve) => this.bonjour.unpublishAll(() => resolve()));
    await new Promise<void>((resolve) => this.bonjour.destroy(() => resolve()));
  }
}

function deviceHash(device: DeviceId): string {
  return createHash('sha256').update(`vigil device\n${device}`).digest('hex').slice(0, HASH_CHARS);
}
