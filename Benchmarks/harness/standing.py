"""What a server costs while it does nothing: its start, its memory, its idle connections."""

import socket
import time

from . import machine, servers


def resident(pid):
    """Megabytes resident, of all processes of a server; pages that they share count in each."""
    total = 0
    for process in machine.tree(pid):
        try:
            with open(f"/proc/{process}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
        except FileNotFoundError:
            continue
    return total / 1024


def start_up(field, name, command, port, path, environment=None, limit=120):
    """Milliseconds from the start of a process to its first answer."""
    began = time.perf_counter()
    field.servers.start(name, command, field.core, environment)
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
    try:
        while time.perf_counter() - began < limit:
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as connection:
                    connection.settimeout(10)
                    connection.sendall(request)
                    if connection.recv(64).startswith(b"HTTP/1."):
                        return (time.perf_counter() - began) * 1e3
            except OSError:
                pass
            time.sleep(0.0005)
        raise servers.Failure(f"{name} did not answer: {field.servers.last_words(name)}")
    finally:
        field.servers.stop(name)


def connections(pid, port, path, count=10_000):
    """Megabytes resident with so many keep-alive connections, each of which has had an answer."""
    servers.many_files()
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    held = []
    try:
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), 10)
            connection.settimeout(10)
            connection.sendall(request)
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise servers.Failure(f"connection {len(held) + 1} got no answer")
            held.append(connection)
        time.sleep(1)
        return resident(pid)
    finally:
        for connection in held:
            connection.close()
