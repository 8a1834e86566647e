/** A thread that never ends. */
for (;;);
