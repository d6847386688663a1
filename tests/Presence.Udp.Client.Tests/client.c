/* A client of the heartbeat protocol in C: beats each 50 ms until COUNT heartbeats were acknowledged.
   cc client.c -l:libcrypto.so.3 -o client && ./client ADDRESS PORT SESSION KEY COUNT    (session and key in hexadecimal) */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* From OpenSSL 3, declared here so that its headers are not needed. */
const void *EVP_sha256(void);
unsigned char *HMAC(const void *md, const void *key, int key_length, const unsigned char *text, size_t length, unsigned char *mac, unsigned *mac_length);
int CRYPTO_memcmp(const void *a, const void *b, size_t length);

enum { LENGTH = 40, TAG = 24, HEARTBEAT = 1, ACKNOWLEDGEMENT = 2 };

static void big_endian(unsigned char *to, uint64_t value) {
    for (int i = 7; i >= 0; i--, value >>= 8) to[i] = (unsigned char)value;
}

static void make(unsigned char *datagram, const unsigned char *key, int type, int flags, uint64_t session, uint64_t sequence) {
    unsigned char mac[32];
    memcpy(datagram, "PRB\1", 4);
    datagram[4] = (unsigned char)type;
    datagram[5] = 0; /* key epoch */
    datagram[6] = 0;
    datagram[7] = (unsigned char)flags; /* bit 0 of a heartbeat asks for an acknowledgement */
    big_endian(datagram + 8, session);
    big_endian(datagram + 16, sequence);
    HMAC(EVP_sha256(), key, 32, datagram, TAG, mac, NULL);
    memcpy(datagram + TAG, mac, LENGTH - TAG);
}

int main(int argc, char **argv) {
    unsigned char key[32], heartbeat[LENGTH], expected[LENGTH], answer[LENGTH + 1];
    if (argc != 6 || strlen(argv[4]) != 64) return 2;
    uint64_t session = strtoull(argv[3], NULL, 16);
    for (int i = 0; i < 32; i++) sscanf(argv[4] + 2 * i, "%2hhx", &key[i]);
    struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])) };
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval interval = { .tv_usec = 50000 };
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &interval, sizeof interval);
    connect(udp, (struct sockaddr *)&server, sizeof server);
    int acknowledged = 0;
    for (uint64_t sequence = 1; sequence <= 400 && acknowledged < atoi(argv[5]); sequence++) {
        make(heartbeat, key, HEARTBEAT, 1, session, sequence);
        make(expected, key, ACKNOWLEDGEMENT, 0, session, sequence);
        send(udp, heartbeat, LENGTH, 0);
        ssize_t length = recv(udp, answer, sizeof answer, 0);
        if (length == LENGTH && CRYPTO_memcmp(answer, expected, LENGTH) == 0) acknowledged++; /* else lost, late or forged */
    }
    printf("%d acknowledged\n", acknowledged);
    return acknowledged == atoi(argv[5]) ? 0 : 1;
}
