/* A disk whose every sync takes as many microseconds as the file at $SLOW_FSYNC says; without one, as it is. */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wait_as_told(void) {
    const char *path = getenv("SLOW_FSYNC");
    FILE *told = path ? fopen(path, "r") : NULL;
    unsigned microseconds = 0;
    if (told == NULL)
        return;
    if (fscanf(told, "%u", &microseconds) == 1)
        usleep(microseconds);
    fclose(told);
}

int fdatasync(int file) {
    wait_as_told();
    return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
    wait_as_told();
    return (int)syscall(SYS_fsync, file);
}
