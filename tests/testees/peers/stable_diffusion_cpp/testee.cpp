// stable-diffusion.cpp's samplers (`sample_k_diffusion`), in single precision on the sigmas that the
// runner gives. They work on x/alpha and take denoised data. `testee v2` asks `dpm++2mv2` instead of
// `dpm++2m`, `testee flow` what it does to flow models: the same functions on x, sigma being s.

#include <array>
#include <map>

#include "runtime/denoiser.hpp"

#define DPM_SPEC_F32
#include "dpm_spec_testee.h"

static std::map<std::string, sample_method_t> methods = {
    {"ddim", EULER_SAMPLE_METHOD},
    {"ddim-eta", EULER_A_SAMPLE_METHOD},
    {"dpmpp-2m", DPMPP2M_SAMPLE_METHOD},
    {"dpmpp-2m-exact", RES_MULTISTEP_SAMPLE_METHOD},
    {"dpmpp-2s", DPMPP2S_A_SAMPLE_METHOD},
    {"dpmpp-2s-taylor", RES_2S_SAMPLE_METHOD},
    {"dpm-2s", DPM2_SAMPLE_METHOD},
};

static bool flow = false;

static sd::Tensor<float> tensor(std::vector<float> x) {
    int64_t length = x.size();
    return sd::Tensor<float>({length}, std::move(x));
}

struct Noise : RNG {
    dpm_runner *runner;
    explicit Noise(dpm_runner *runner) : runner(runner) {}
    void manual_seed(uint64_t) override {}
    std::vector<float> randn(uint32_t n) override {
        std::vector<float> z(n);
        dpm_noise(runner, z.data());
        return z;
    }
};

static int sample(const dpm_case *run, dpm_runner *runner, float *x) {
    bool noise = !strcmp(run->prediction, "noise");
    int stop = 0;
    auto model = [&](const sd::Tensor<float> &x, float sigma, int) {
        std::vector<float> m(run->length);
        stop = stop || dpm_model(runner, sigma, x.data(), m.data());
        for (size_t i = 0; noise && i < m.size(); i++) m[i] = x[i] - sigma * m[i];
        sd::guidance::GuiderOutput denoised;
        if (!stop) denoised.pred = tensor(m);
        return denoised;
    };
    auto last = sample_k_diffusion(methods[run->solver], model, tensor({x, x + run->length}),
                                   {run->times, run->times + run->steps + 1},
                                   std::make_shared<Noise>(runner), run->eta, flow, nullptr);
    if (!stop) std::copy_n(last.data(), run->length, x);
    return stop;
}

static int nodes(const char *schedule, const char *grid, size_t steps, dpm_runner *runner,
                 float *times) {
    if (!flow && strcmp(schedule, "edm")) return dpm_refuse(runner, "needs the tables of a model");
    EDMVDenoiser edm(0.002f, 80.0f);
    DiscreteFlowDenoiser shifted(strstr(grid, "shift=3") ? 3.0f : 1.0f);
    scheduler_t kind = *grid == 'k' ? KARRAS_SCHEDULER : EXPONENTIAL_SCHEDULER;
    auto sigmas = flow ? shifted.get_sigmas(steps, 0, DISCRETE_SCHEDULER, VERSION_SD1)
                       : edm.get_sigmas(steps, 0, kind, VERSION_SD1);
    std::copy_n(sigmas.data(), steps + 1, times);
    return 0;
}

int main(int count, char **words) {
    dpm_testee testee = {};
    testee.name = "stable-diffusion.cpp";
    testee.version = "diffusion-rs-sys 0.1.20";
    testee.language = "C++";
    testee.time = "sigma";
    testee.spaces = "ve";
    testee.solvers = "ddim ddim-eta dpmpp-2m dpmpp-2m-exact dpmpp-2s dpmpp-2s-taylor dpm-2s";
    testee.schedules = "vp-linear vp-cosine discrete-scaled-linear edm";
    testee.predictions = "noise";
    testee.policies = "zero=on";
    testee.grids = "karras:ends=zero lambda:ends=zero";
    testee.sample = sample;
    testee.nodes = nodes;
    if (count > 1 && !strcmp(words[1], "v2")) {
        testee.name = "stable-diffusion.cpp 2Mv2";
        testee.solvers = "dpmpp-2m";
        methods["dpmpp-2m"] = DPMPP2Mv2_SAMPLE_METHOD;
    } else if (count > 1) {
        flow = true;
        testee.name = "stable-diffusion.cpp flow";
        testee.time = nullptr;
        testee.spaces = "flow";
        testee.solvers = "ddim dpmpp-2m dpmpp-2m-exact dpmpp-2s dpmpp-2s-taylor";
        testee.schedules = "flow";
        testee.predictions = nullptr;
        testee.grids = "flow:ends=zero flow:ends=zero,shift=3";
    }
    return dpm_serve(&testee);
}
