"""libssl and libcrypto (OpenSSL 3), as far as we use them. Only net/tls*.pyx may import this."""

from libc.stdint cimport uint32_t, uint64_t

cdef extern from "<openssl/types.h>":
    ctypedef struct ASN1_INTEGER:
        pass
    ctypedef struct ASN1_TIME:
        pass
    ctypedef struct BIGNUM:
        pass
    ctypedef struct EVP_CIPHER:
        pass
    ctypedef struct EVP_CIPHER_CTX:
        pass
    ctypedef struct EVP_MAC_CTX:
        pass
    ctypedef struct EVP_MD:
        pass
    ctypedef struct EVP_PKEY:
        pass
    ctypedef struct OSSL_PARAM:
        pass
    ctypedef struct SSL:
        pass
    ctypedef struct SSL_CTX:
        pass
    ctypedef struct X509:
        pass
    ctypedef struct X509_CRL:
        pass
    ctypedef struct X509_EXTENSION:
        pass
    ctypedef struct X509_NAME:
        pass
    ctypedef struct X509_STORE:
        pass
    ctypedef struct X509_STORE_CTX:
        pass
    ctypedef struct X509_VERIFY_PARAM:
        pass

cdef extern from "<openssl/crypto.h>":
    ctypedef struct CRYPTO_EX_DATA:
        pass
    void OPENSSL_free(void* memory)
    int CRYPTO_memcmp(const void* one, const void* other, size_t length)

cdef extern from "<openssl/err.h>":
    unsigned long ERR_get_error()
    unsigned long ERR_peek_error()
    unsigned long ERR_peek_last_error()
    void ERR_clear_error()
    void ERR_error_string_n(unsigned long error, char* text, size_t length)
    int ERR_GET_REASON(unsigned long error)
    int ERR_GET_LIB(unsigned long error)
    int ERR_LIB_PEM

cdef extern from "<openssl/bio.h>":
    ctypedef struct BIO:
        pass
    ctypedef struct BIO_METHOD:
        pass
    int BIO_CTRL_FLUSH
    int BIO_CTRL_PUSH
    int BIO_CTRL_POP
    int BIO_CTRL_EOF
    int BIO_TYPE_SOURCE_SINK
    BIO_METHOD* BIO_meth_new(int kind, const char* name)
    int BIO_meth_set_read(BIO_METHOD* method, int (*read)(BIO*, char*, int) noexcept)
    int BIO_meth_set_write(BIO_METHOD* method, int (*write)(BIO*, const char*, int) noexcept)
    int BIO_meth_set_ctrl(BIO_METHOD* method, long (*control)(BIO*, int, long, void*) noexcept)
    int BIO_get_new_index()
    BIO* BIO_new(const BIO_METHOD* method)
    BIO* BIO_new_mem_buf(const void* octets, int length)
    const BIO_METHOD* BIO_s_mem()
    int BIO_free(BIO* bio)
    void BIO_set_data(BIO* bio, void* data)
    void* BIO_get_data(BIO* bio)
    void BIO_set_init(BIO* bio, int ready)
    void BIO_set_retry_read(BIO* bio)
    void BIO_clear_retry_flags(BIO* bio)
    long BIO_get_mem_data(BIO* bio, char** octets)
    int BIO_up_ref(BIO* bio)

cdef extern from "<openssl/pem.h>":
    ctypedef int (*pem_password_cb)(char* into, int room, int writing, void* data) noexcept
    int PEM_R_NO_START_LINE
    X509* PEM_read_bio_X509(BIO* bio, X509** into, pem_password_cb password, void* data)
    X509* PEM_read_bio_X509_AUX(BIO* bio, X509** into, pem_password_cb password, void* data)
    X509_CRL* PEM_read_bio_X509_CRL(BIO* bio, X509_CRL** into, pem_password_cb password, void* data)
    EVP_PKEY* PEM_read_bio_PrivateKey(BIO* bio, EVP_PKEY** into, pem_password_cb password,
                                      void* data)
    EVP_PKEY* PEM_read_bio_Parameters(BIO* bio, EVP_PKEY** into)
    int PEM_write_bio_X509(BIO* bio, X509* certificate)

cdef extern from "<openssl/evp.h>":
    int EVP_MAX_MD_SIZE
    const EVP_MD* EVP_sha1()
    const EVP_MD* EVP_sha256()
    const EVP_CIPHER* EVP_aes_256_cbc()
    const EVP_CIPHER* EVP_aes_128_cbc()
    int EVP_EncryptInit_ex(EVP_CIPHER_CTX* ctx, const EVP_CIPHER* cipher, void* engine,
                           const unsigned char* key, const unsigned char* iv)
    int EVP_DecryptInit_ex(EVP_CIPHER_CTX* ctx, const EVP_CIPHER* cipher, void* engine,
                           const unsigned char* key, const unsigned char* iv)
    int EVP_MAC_CTX_set_params(EVP_MAC_CTX* ctx, const OSSL_PARAM* params)
    void EVP_PKEY_free(EVP_PKEY* key)
    int EVP_PKEY_get_base_id(const EVP_PKEY* key)
    int EVP_PKEY_get_bits(const EVP_PKEY* key)
    int EVP_PKEY_eq(const EVP_PKEY* one, const EVP_PKEY* other)
    const char* EVP_PKEY_get0_type_name(const EVP_PKEY* key)
    int EVP_PKEY_RSA
    int EVP_PKEY_EC

cdef extern from "<openssl/decoder.h>":
    ctypedef struct OSSL_DECODER_CTX:
        pass
    OSSL_DECODER_CTX* OSSL_DECODER_CTX_new_for_pkey(
        EVP_PKEY** into, const char* form, const char* structure, const char* kind, int selection,
        void* library, const char* properties)
    int OSSL_DECODER_from_data(OSSL_DECODER_CTX* decoder, const unsigned char** octets,
                               size_t* length)
    int EVP_PKEY_KEYPAIR

cdef extern from "<openssl/params.h>":
    OSSL_PARAM OSSL_PARAM_construct_octet_string(const char* key, void* octets, size_t length)
    OSSL_PARAM OSSL_PARAM_construct_utf8_string(const char* key, char* text, size_t length)
    OSSL_PARAM OSSL_PARAM_construct_end()

cdef extern from "<openssl/core_names.h>":
    const char* OSSL_MAC_PARAM_KEY
    const char* OSSL_MAC_PARAM_DIGEST

cdef extern from "<openssl/rand.h>":
    int RAND_bytes(unsigned char* into, int length)

cdef extern from "<openssl/objects.h>":
    int NID_undef
    int NID_subject_alt_name
    const char* OBJ_nid2sn(int nid)

cdef extern from "<openssl/asn1.h>":
    BIGNUM* ASN1_INTEGER_to_BN(const ASN1_INTEGER* number, BIGNUM* into)
    int ASN1_TIME_print(BIO* bio, const ASN1_TIME* when)
    int ASN1_TIME_diff(int* days, int* seconds, const ASN1_TIME* start, const ASN1_TIME* end)
    int i2a_ASN1_INTEGER(BIO* bio, const ASN1_INTEGER* number)
    unsigned long XN_FLAG_RFC2253
    unsigned long ASN1_STRFLGS_ESC_MSB

cdef extern from "<openssl/x509.h>":
    ctypedef struct STACK_OF_X509 "STACK_OF(X509)":
        pass
    ctypedef struct STACK_OF_X509_NAME "STACK_OF(X509_NAME)":
        pass
    STACK_OF_X509* sk_X509_new_null()
    int sk_X509_push(STACK_OF_X509* stack, X509* certificate)
    int sk_X509_num(const STACK_OF_X509* stack)
    X509* sk_X509_value(const STACK_OF_X509* stack, int index)
    void sk_X509_pop_free(STACK_OF_X509* stack, void (*free)(X509*) noexcept)
    STACK_OF_X509_NAME* sk_X509_NAME_new_null()
    int sk_X509_NAME_push(STACK_OF_X509_NAME* stack, X509_NAME* name)
    int sk_X509_NAME_num(const STACK_OF_X509_NAME* stack)
    X509_NAME* sk_X509_NAME_value(const STACK_OF_X509_NAME* stack, int index)
    void X509_free(X509* certificate)
    X509* d2i_X509(X509** into, const unsigned char** octets, long length)
    int X509_up_ref(X509* certificate)
    void X509_CRL_free(X509_CRL* crl)
    X509_NAME* X509_get_subject_name(const X509* certificate)
    X509_NAME* X509_get_issuer_name(const X509* certificate)
    X509_NAME* X509_NAME_dup(const X509_NAME* name)
    int X509_NAME_cmp(const X509_NAME* one, const X509_NAME* other)
    int X509_NAME_print_ex(BIO* bio, const X509_NAME* name, int indent, unsigned long flags)
    char* X509_NAME_oneline(const X509_NAME* name, char* into, int room)
    ASN1_INTEGER* X509_get_serialNumber(X509* certificate)
    const ASN1_TIME* X509_get0_notBefore(const X509* certificate)
    const ASN1_TIME* X509_get0_notAfter(const X509* certificate)
    int X509_digest(const X509* certificate, const EVP_MD* kind, unsigned char* into,
                    unsigned int* length)
    int X509_check_private_key(const X509* certificate, const EVP_PKEY* key)
    EVP_PKEY* X509_get0_pubkey(const X509* certificate)
    int X509_get_ext_by_NID(const X509* certificate, int nid, int after)
    X509_EXTENSION* X509_get_ext(const X509* certificate, int place)
    const char* X509_verify_cert_error_string(long code)

cdef extern from "<openssl/x509_vfy.h>":
    unsigned long X509_V_FLAG_CRL_CHECK
    unsigned long X509_V_FLAG_CRL_CHECK_ALL
    unsigned long X509_V_FLAG_TRUSTED_FIRST
    unsigned long X509_V_FLAG_PARTIAL_CHAIN
    int X509_V_OK
    int X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
    int X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN
    int X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    int X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
    int X509_V_ERR_CERT_UNTRUSTED
    int X509_STORE_add_cert(X509_STORE* store, X509* certificate)
    int X509_STORE_add_crl(X509_STORE* store, X509_CRL* crl)
    int X509_STORE_set_flags(X509_STORE* store, unsigned long flags)
    void X509_VERIFY_PARAM_set_hostflags(X509_VERIFY_PARAM* param, unsigned int flags)

cdef extern from "<openssl/x509v3.h>":
    int X509V3_EXT_print(BIO* bio, X509_EXTENSION* extension, unsigned long flags, int indent)
    int X509_check_host(X509* certificate, const char* name, size_t length, unsigned int flags,
                        char** peer)
    int X509_check_ip_asc(X509* certificate, const char* address, unsigned int flags)

cdef extern from "<openssl/ssl.h>":
    ctypedef struct SSL_METHOD:
        pass
    ctypedef struct SSL_CIPHER:
        pass
    ctypedef struct SSL_SESSION:
        pass
    ctypedef struct SSL_CONF_CTX:
        pass

    int SSL_ERROR_NONE
    int SSL_ERROR_SSL
    int SSL_ERROR_WANT_READ
    int SSL_ERROR_WANT_WRITE
    int SSL_ERROR_SYSCALL
    int SSL_ERROR_ZERO_RETURN
    int SSL_ERROR_WANT_CLIENT_HELLO_CB
    int SSL_R_UNEXPECTED_EOF_WHILE_READING
    int SSL_AD_UNRECOGNIZED_NAME
    int SSL_AD_INTERNAL_ERROR
    int SSL_AD_NO_APPLICATION_PROTOCOL
    int SSL_CLIENT_HELLO_SUCCESS
    int SSL_CLIENT_HELLO_ERROR
    int SSL_VERIFY_NONE
    int SSL_VERIFY_PEER
    int SSL_TLSEXT_ERR_OK
    int SSL_TLSEXT_ERR_NOACK
    int SSL_TLSEXT_ERR_ALERT_FATAL
    int TLSEXT_TYPE_server_name
    int TLSEXT_TYPE_application_layer_protocol_negotiation
    int TLSEXT_NAMETYPE_host_name
    int SSL3_VERSION
    int TLS1_VERSION
    int TLS1_1_VERSION
    int TLS1_2_VERSION
    int TLS1_3_VERSION

    uint64_t SSL_OP_NO_SSLv3
    uint64_t SSL_OP_NO_TLSv1
    uint64_t SSL_OP_NO_TLSv1_1
    uint64_t SSL_OP_NO_TLSv1_2
    uint64_t SSL_OP_NO_TLSv1_3
    uint64_t SSL_OP_NO_COMPRESSION
    uint64_t SSL_OP_NO_RENEGOTIATION
    uint64_t SSL_OP_NO_TICKET
    uint64_t SSL_OP_CIPHER_SERVER_PREFERENCE
    uint64_t SSL_OP_PRIORITIZE_CHACHA
    uint64_t SSL_OP_SINGLE_DH_USE
    uint64_t SSL_OP_SINGLE_ECDH_USE
    uint64_t SSL_OP_IGNORE_UNEXPECTED_EOF
    long SSL_MODE_ENABLE_PARTIAL_WRITE
    long SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    long SSL_MODE_RELEASE_BUFFERS
    long SSL_MODE_NO_AUTO_CHAIN
    long SSL_SESS_CACHE_OFF
    long SSL_SESS_CACHE_CLIENT
    long SSL_SESS_CACHE_SERVER
    long SSL_SESS_CACHE_NO_INTERNAL
    long SSL_SESS_CACHE_NO_AUTO_CLEAR

    const SSL_METHOD* TLS_method()
    const SSL_METHOD* TLS_server_method()
    const SSL_METHOD* TLS_client_method()
    SSL_CTX* SSL_CTX_new(const SSL_METHOD* method)
    void SSL_CTX_free(SSL_CTX* ctx)
    int SSL_CTX_up_ref(SSL_CTX* ctx)
    int SSL_set_session_id_context(SSL* ssl, const unsigned char* context, unsigned int length)
    int SSL_CTX_get_security_level(const SSL_CTX* ctx)
    uint64_t SSL_CTX_set_options(SSL_CTX* ctx, uint64_t options)
    uint64_t SSL_CTX_clear_options(SSL_CTX* ctx, uint64_t options)
    uint64_t SSL_CTX_get_options(const SSL_CTX* ctx)
    long SSL_CTX_set_mode(SSL_CTX* ctx, long mode)
    int SSL_CTX_set_min_proto_version(SSL_CTX* ctx, int version)
    int SSL_CTX_set_max_proto_version(SSL_CTX* ctx, int version)
    int SSL_CTX_get_min_proto_version(SSL_CTX* ctx)
    int SSL_CTX_get_max_proto_version(SSL_CTX* ctx)
    int SSL_CTX_set_cipher_list(SSL_CTX* ctx, const char* text)
    int SSL_CTX_set1_curves_list(SSL_CTX* ctx, char* text)
    int SSL_CTX_set_dh_auto(SSL_CTX* ctx, int on)
    int SSL_CTX_set0_tmp_dh_pkey(SSL_CTX* ctx, EVP_PKEY* key)
    void SSL_CTX_set_read_ahead(SSL_CTX* ctx, int on)
    int SSL_CTX_set_num_tickets(SSL_CTX* ctx, size_t count)
    int SSL_CTX_use_certificate(SSL_CTX* ctx, X509* certificate)
    int SSL_CTX_set1_chain(SSL_CTX* ctx, STACK_OF_X509* chain)
    int SSL_CTX_use_PrivateKey(SSL_CTX* ctx, EVP_PKEY* key)
    int SSL_CTX_set_session_id_context(SSL_CTX* ctx, const unsigned char* context,
                                       unsigned int length)
    long SSL_CTX_set_session_cache_mode(SSL_CTX* ctx, long mode)
    long SSL_CTX_sess_set_cache_size(SSL_CTX* ctx, long size)
    long SSL_CTX_set_timeout(SSL_CTX* ctx, long seconds)
    void SSL_CTX_sess_set_new_cb(SSL_CTX* ctx, int (*callback)(SSL*, SSL_SESSION*) noexcept)
    void SSL_CTX_sess_set_get_cb(
        SSL_CTX* ctx, SSL_SESSION* (*callback)(SSL*, const unsigned char*, int, int*) noexcept)
    void SSL_CTX_sess_set_remove_cb(SSL_CTX* ctx, void (*callback)(SSL_CTX*, SSL_SESSION*) noexcept)
    int SSL_CTX_remove_session(SSL_CTX* ctx, SSL_SESSION* session)
    int SSL_CTX_set_tlsext_ticket_key_evp_cb(
        SSL_CTX* ctx, int (*callback)(SSL*, unsigned char*, unsigned char*, EVP_CIPHER_CTX*,
                                      EVP_MAC_CTX*, int) noexcept)
    void SSL_CTX_set_verify(SSL_CTX* ctx, int mode, int (*callback)(int, X509_STORE_CTX*) noexcept)
    void SSL_CTX_set_verify_depth(SSL_CTX* ctx, int depth)
    void SSL_CTX_set_client_CA_list(SSL_CTX* ctx, STACK_OF_X509_NAME* names)
    X509_STORE* SSL_CTX_get_cert_store(const SSL_CTX* ctx)
    void SSL_CTX_set_client_hello_cb(SSL_CTX* ctx, int (*callback)(SSL*, int*, void*) noexcept,
                                     void* arg)
    void SSL_CTX_set_cert_cb(SSL_CTX* ctx, int (*callback)(SSL*, void*) noexcept, void* arg)
    void SSL_CTX_set_alpn_select_cb(
        SSL_CTX* ctx, int (*callback)(SSL*, const unsigned char**, unsigned char*,
                                      const unsigned char*, unsigned int, void*) noexcept,
        void* arg)
    int SSL_CTX_set_alpn_protos(SSL_CTX* ctx, const unsigned char* protocols, unsigned int length)
    long SSL_CTX_set_tlsext_servername_callback(
        SSL_CTX* ctx, int (*callback)(SSL*, int*, void*) noexcept)
    long SSL_CTX_set_tlsext_status_cb(SSL_CTX* ctx, int (*callback)(SSL*, void*) noexcept)

    SSL_CONF_CTX* SSL_CONF_CTX_new()
    void SSL_CONF_CTX_free(SSL_CONF_CTX* conf)
    unsigned int SSL_CONF_CTX_set_flags(SSL_CONF_CTX* conf, unsigned int flags)
    void SSL_CONF_CTX_set_ssl_ctx(SSL_CONF_CTX* conf, SSL_CTX* ctx)
    int SSL_CONF_cmd(SSL_CONF_CTX* conf, const char* name, const char* value)
    int SSL_CONF_CTX_finish(SSL_CONF_CTX* conf)
    unsigned int SSL_CONF_FLAG_FILE
    unsigned int SSL_CONF_FLAG_CLIENT
    unsigned int SSL_CONF_FLAG_SERVER
    unsigned int SSL_CONF_FLAG_CERTIFICATE
    unsigned int SSL_CONF_FLAG_SHOW_ERRORS

    SSL* SSL_new(SSL_CTX* ctx)
    void SSL_free(SSL* ssl)
    void SSL_set_bio(SSL* ssl, BIO* reader, BIO* writer)
    void SSL_set_accept_state(SSL* ssl)
    void SSL_set_connect_state(SSL* ssl)
    int SSL_do_handshake(SSL* ssl)
    int SSL_read(SSL* ssl, void* into, int room)
    int SSL_peek(SSL* ssl, void* into, int room)
    int SSL_write(SSL* ssl, const void* octets, int length)
    int SSL_shutdown(SSL* ssl)
    int SSL_get_error(const SSL* ssl, int returned)
    int SSL_has_pending(const SSL* ssl)
    int SSL_is_init_finished(const SSL* ssl)
    int SSL_set_ex_data(SSL* ssl, int index, void* data)
    void* SSL_get_ex_data(const SSL* ssl, int index)
    int SSL_get_ex_new_index(long argl, void* argp, void* new, void* dup, void* free)
    int SSL_client_hello_get0_ext(SSL* ssl, unsigned int kind, const unsigned char** octets,
                                  size_t* length)
    size_t SSL_get0_raw_cipherlist(SSL* ssl, unsigned char** octets)
    SSL_CTX* SSL_set_SSL_CTX(SSL* ssl, SSL_CTX* ctx)
    void SSL_set_verify(SSL* ssl, int mode, int (*callback)(int, X509_STORE_CTX*) noexcept)
    void SSL_set_verify_depth(SSL* ssl, int depth)
    uint64_t SSL_set_options(SSL* ssl, uint64_t options)
    uint64_t SSL_clear_options(SSL* ssl, uint64_t options)
    uint64_t SSL_get_options(const SSL* ssl)
    int SSL_set_min_proto_version(SSL* ssl, int version)
    int SSL_set_max_proto_version(SSL* ssl, int version)
    int SSL_set1_groups_list(SSL* ssl, char* text)
    long SSL_set_tlsext_host_name(SSL* ssl, const char* name)
    const char* SSL_get_servername(const SSL* ssl, int kind)
    int SSL_use_certificate(SSL* ssl, X509* certificate)
    int SSL_use_PrivateKey(SSL* ssl, EVP_PKEY* key)
    int SSL_set1_chain(SSL* ssl, STACK_OF_X509* chain)
    void SSL_certs_clear(SSL* ssl)
    void SSL_get0_alpn_selected(const SSL* ssl, const unsigned char** octets, unsigned int* length)
    const char* SSL_get_version(const SSL* ssl)
    int SSL_version(const SSL* ssl)
    const SSL_CIPHER* SSL_get_current_cipher(const SSL* ssl)
    const char* SSL_CIPHER_get_name(const SSL_CIPHER* cipher)
    const SSL_CIPHER* SSL_CIPHER_find(SSL* ssl, const unsigned char* octets)
    int SSL_get1_curves(SSL* ssl, int* into)
    long SSL_get_negotiated_group(SSL* ssl)
    const char* SSL_group_to_name(SSL* ssl, int group)
    int SSL_get_peer_signature_nid(SSL* ssl, int* nid)
    int SSL_get_signature_nid(SSL* ssl, int* nid)
    X509* SSL_get1_peer_certificate(const SSL* ssl)
    X509* SSL_get_certificate(const SSL* ssl)
    long SSL_get_verify_result(const SSL* ssl)
    int SSL_session_reused(SSL* ssl)
    SSL_SESSION* SSL_get_session(const SSL* ssl)
    SSL_SESSION* SSL_get1_session(SSL* ssl)
    SSL_SESSION* SSL_get0_session(const SSL* ssl)
    int SSL_set_session(SSL* ssl, SSL_SESSION* session)
    long SSL_SESSION_get_timeout(const SSL_SESSION* session)
    int SSL_SESSION_get_protocol_version(const SSL_SESSION* session)
    void SSL_SESSION_free(SSL_SESSION* session)
    const unsigned char* SSL_SESSION_get_id(const SSL_SESSION* session, unsigned int* length)
    int i2d_SSL_SESSION(SSL_SESSION* session, unsigned char** into)
    SSL_SESSION* d2i_SSL_SESSION(SSL_SESSION** into, const unsigned char** octets, long length)
    X509_VERIFY_PARAM* SSL_get0_param(SSL* ssl)

    SSL_CTX* SSL_get_SSL_CTX(const SSL* ssl)
    long SSL_set_tlsext_status_ocsp_resp(SSL* ssl, void* octets, long length)
    STACK_OF_X509_NAME* SSL_get_client_CA_list(const SSL* ssl)
