import { createConnection, createServer, type Server } from 'node:net';

/** A lock on a name, held until `release` or the end of this process, however it ends. */
export interface Lock {
  release(): Promise<void>;
}

const sockets = new WeakMap<Server, Set<{ destroy(): unknown }>>();

/**
 * Takes the machine-wide lock `name`, waiting for whoever holds it.
 *
 * The lock is a listening socket in Linux's abstract namespace: the kernel frees it the moment its holder dies, so a
 * crash can leave nothing behind, which no lock file can say of itself. A waiter connects to it and is woken when the
 * connection breaks.
 * @param onWait called once if the lock is held by someone else.
 */
export async function lock(name: string, onWait?: () => void): Promise<Lock> {
  const path = `\0coxswain/${name}`;
  let told = false;
  for (;;) {
    const server = await listen(path);
    if (server !== undefined) return { release: () => close(server) };
    if (!told) onWait?.();
    told = true;
    await holderGone(path);
  }
}

async function listen(path: string): Promise<Server | undefined> {
  return await new Promise((resolve, reject) => {
    // Waiters' connections are held open on purpose; destroying them at release wakes the waiters.
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      sockets.get(server)?.add(socket);
    });
    sockets.set(server, new Set());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    // A holder that forgets to release must still be able to exit.
    server.listen(path, () => resolve(server.unref()));
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets.get(server) ?? []) socket.destroy();
  await closed;
}

async function holderGone(path: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = createConnection(path);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve());
    socket.resume();
  });
}
