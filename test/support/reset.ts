import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Makes a function that breaks the connection of a response off with a TCP reset, as a peer that crashed does. A TLS socket
 * cannot send one by itself; the TCP socket below it can.
 */
export function resets(server: Server): (response: ServerResponse) => void {
  const below = new Map<number | undefined, Socket>();
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort;
    below.set(port, socket);
    socket.once('close', () => below.delete(port));
  });
  return ({ socket }) => {
    below.get(socket?.remotePort)?.resetAndDestroy();
    socket?.destroy();
  };
}
