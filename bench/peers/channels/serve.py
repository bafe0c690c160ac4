"""serve.py PORT: Redis and the workers. Says when they listen; SIGTERM ends them all, and so does the end of one."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
DATA = Path(os.environ["PEER_DATA"])
WORKERS = int(os.environ.get("CHANNELS_WORKERS", "2"))
ENDS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def die_along():
    """In a child: it is killed when this process goes, however that goes, and hears signals itself."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def spawn(*command, **options):
    """Starts a child in this process's group; what it says goes to standard error."""
    return subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=die_along, **options
    )


def listen(port):
    """A listening socket for each worker. The kernel spreads connections over them, which one that they share does not:
    there whoever wakes first takes all that wait."""
    sockets = []
    for _ in range(WORKERS):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(("127.0.0.1", port))
        port = one.getsockname()[1]
        sockets.append(one)
    return port, sockets


def start_redis():
    """A Redis that keeps nothing, on a socket in the data folder."""
    path = DATA / "redis.sock"
    redis = spawn("redis-server", "--port", 0, "--unixsocket", path, "--save", "", "--appendonly", "no",
                  "--logfile", DATA / "redis.log", "--dir", DATA,
                  # A worker that is behind must not be cut off, which would lose messages.
                  "--client-output-buffer-limit", "pubsub", 0, 0, 0)
    until = time.monotonic() + 20
    while redis.poll() is None and time.monotonic() < until:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(path))
                line.sendall(b"PING\r\n")
                if line.recv(16).startswith(b"+PONG"):
                    return redis
        except OSError:
            pass
        time.sleep(0.02)
    redis.kill()
    raise SystemExit(f"Redis does not answer; {DATA}/redis.log says why")


def start_worker(listener, ready):
    """A worker on this socket."""
    descriptors = (listener.fileno(), ready)
    return spawn(sys.executable, HERE / "worker.py", *descriptors, pass_fds=descriptors)


def end(children):
    """Ends children in this order, and kills one that does not go."""
    for child in children:
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def until_asked(children, ready, port):
    """Tells when every worker serves, and waits for a signal to end. Fails when a child ended by itself."""
    serving = 0
    while True:
        asked = signal.sigtimedwait(ENDS, 0.02) if serving < WORKERS else signal.sigwaitinfo(ENDS)
        if asked and asked.si_signo != signal.SIGCHLD:
            return
        # The same signal tells that a child was held still or goes on.
        if any(child.poll() is not None for child in children):
            raise SystemExit("a process of Django Channels ended by itself")
        if serving == WORKERS:
            continue
        try:
            serving += len(os.read(ready, WORKERS))
        except BlockingIOError:
            continue
        if serving == WORKERS:
            print(f"listening on http://127.0.0.1:{port}", flush=True)


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Waited for instead: a signal never ends this process without its children.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    port, sockets = listen(int(sys.argv[1]))
    children = [start_redis()]
    try:
        ready, tell = os.pipe()
        os.set_blocking(ready, False)
        for listener in sockets:
            # Before Redis, so that they end before it.
            children.insert(0, start_worker(listener, tell))
            listener.close()
        until_asked(children, ready, port)
    finally:
        end(children)


main()
