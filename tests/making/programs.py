"""Programs that a machine may have in place of an encoder, compiled here: C is what a setup needs anyway."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COPIES = """
#include <unistd.h>
int main(void) {
    char block[4096];
    for (ssize_t size; (size = read(0, block, sizeof block)) > 0;) write(1, block, size);
}
"""
HANGS = """
#include <unistd.h>
int main(void) { for (;;) sleep(60); }
"""
DEAF = "int main(void) { return 0; }"
ESCAPES = r"""
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
extern char **environ;
static void tell(const char *what, long got) { dprintf(1, "%s: %s\n", what, got < 0 ? strerror(errno) : "escaped"); }
static long reach(int type) {
    struct sockaddr_in there = {AF_INET, htons(PORT), {htonl(INADDR_LOOPBACK)}};
    int end = socket(AF_INET, type, 0);
    return end < 0 ? end : connect(end, (struct sockaddr *)&there, sizeof there);
}
static long leaked(void) {
    for (int number = 3; number < 256; number++)
        if (fcntl(number, F_GETFD) >= 0) return number;
    return -1;
}
int main(int count, char **words) {
    tell("TCP", reach(SOCK_STREAM));
    tell("UDP", reach(SOCK_DGRAM));
    tell("Unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
    tell("read a file", open(HERE "/secret", O_RDONLY));
    tell("write a file", open(HERE "/secret", O_WRONLY));
    tell("make a file", open(HERE "/made", O_WRONLY | O_CREAT, 0600));
    tell("make a folder", mkdir(HERE "/folder", 0700));
    tell("unlink", unlink(HERE "/secret"));
    tell("rewrite itself", open(words[0], O_WRONLY));
    tell("signal the parent", kill(getppid(), 0));
    tell("environment", environ[0] ? 0 : (errno = ENOENT, -1));
    tell("descriptors", leaked());
    tell("a shell", execl("/bin/sh", "sh", "-c", "echo a shell: escaped", NULL));
    long child = fork();
    if (child == 0) return 0;
    tell("fork", child);
}
"""


def compiled(source: str, path: Path, *, port: int = 9) -> str:
    """Compile a program; what it tries in the folder of its file and at a port of this machine stands in it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler is not None, "a setup needs a C compiler"
    file = path.with_suffix(".c")
    file.write_text(source)
    meant = (f'-DHERE="{path.parent}"', f"-DPORT={port}")
    subprocess.run((compiler, "-w", *meant, "-o", str(path), str(file)), check=True)
    return str(path)
